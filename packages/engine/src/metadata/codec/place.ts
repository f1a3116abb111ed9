import { type ErrorCode, Path, RequestError } from '../../support/index.ts';

/**
 * What becomes of keys that a shape does not know: `ignore` in what users give (source: spec/metadata-api.md 2.3, 8; shapes that are always
 * strict `refuse` them all the same), `refuse` in what the operator configures, `keep` in the stored document, where they may be of a newer or the paid edition.
 */
export type UnknownKeys = 'refuse' | 'ignore' | 'keep';

/** Where a decoder stands. Immutable. */
export class Place {
  readonly path: Path;
  readonly unknownKeys: UnknownKeys;

  constructor(path: Path = Path.root, unknownKeys: UnknownKeys = 'ignore') {
    this.path = path;
    this.unknownKeys = unknownKeys;
  }

  child(segment: string | number): Place {
    return new Place(this.path.child(segment), this.unknownKeys);
  }

  fail(message: string, code: ErrorCode = 'parse-failed'): never {
    throw new RequestError(code, this.path, message);
  }
}
