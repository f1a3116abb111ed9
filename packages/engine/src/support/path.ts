/**
 * Where in the request an error lies, printed as `$.selectionSet.author.args.where["odd key"].list[0]`.
 * Immutable; a child shares its parent, so that descending costs one small object.
 * Source: spec/server.md 3.1.
 */
export class Path {
  static readonly root = new Path(null, '');

  readonly #parent: Path | null;
  readonly #segment: string | number;

  private constructor(parent: Path | null, segment: string | number) {
    this.#parent = parent;
    this.#segment = segment;
  }

  /** `$.a.b` for `Path.root.child('a', 'b')`; a number is an index. */
  child(...segments: readonly (string | number)[]): Path {
    let path: Path = this;
    for (const segment of segments) path = new Path(path, segment);
    return path;
  }

  toString(): string {
    if (this.#parent === null) return '$';
    return this.#parent.toString() + printSegment(this.#segment);
  }
}

function printSegment(segment: string | number): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
}
