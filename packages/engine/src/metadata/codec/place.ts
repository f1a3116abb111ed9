import { type ErrorCode, Path, RequestError } from '../../support/index.ts';

/**
 * What becomes of keys that a shape does not know: `refuse` in documents, where a misspelt key of a permission would silently mean something else;
 * `ignore` in the arguments of commands (source: spec/metadata-api.md 8), but for shapes that are always strict; `keep` in the stored document, where
 * they may be of a newer or the paid edition.
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
