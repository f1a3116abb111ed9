import { type ErrorCode, Path, RequestError } from '../../support/index.ts';

/** Where a decoder stands, and whether it refuses keys that it does not know. Immutable. */
export class Place {
  readonly path: Path;
  /** True in metadata documents; the arguments of commands may hold keys that nobody reads. Source: spec/metadata-api.md 8. */
  readonly refusesUnknownKeys: boolean;

  constructor(path: Path = Path.root, options: { readonly refusesUnknownKeys?: boolean } = {}) {
    this.path = path;
    this.refusesUnknownKeys = options.refusesUnknownKeys ?? false;
  }

  child(segment: string | number): Place {
    return new Place(this.path.child(segment), this);
  }

  /** The same place in a metadata document. */
  strict(): Place {
    return new Place(this.path, { refusesUnknownKeys: true });
  }

  fail(message: string, code: ErrorCode = 'parse-failed'): never {
    throw new RequestError(code, this.path, message);
  }
}
