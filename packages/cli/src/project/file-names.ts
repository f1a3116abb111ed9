/** File systems take at least 255 bytes; `.yaml` and a number to tell names apart come on top. */
const longestBytes = 200;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\u0000-\u001f\u007f/\\]|^\s|\s$/g;

/**
 * The name as a file or folder name: itself, unless it would lead elsewhere (`/`, `..`) or cannot be one; such characters become `%2F`.
 * The Hasura CLI does not do this; where it can write a file at all, the names are the same.
 */
export function fileName(name: string): string {
  const escaped = name.replace(unsafe, percent).replace(/^\.{1,2}$/, (dots) => '%2E'.repeat(dots.length));
  return shortened(escaped === '' ? '%' : escaped);
}

function percent(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestBytes) return name;
  let short = name;
  while (Buffer.byteLength(short) > longestBytes) short = [...short].slice(0, -1).join('');
  return short;
}

/** Gives each name once; a name that was given gets a number behind it. */
export class NamesOnce {
  readonly #given = new Set<string>();

  /** `reserved`: names that are not given. */
  constructor(reserved: readonly string[]) {
    for (const name of reserved) this.#given.add(name);
  }

  give(name: string): string {
    let free = name;
    for (let number = 2; this.#given.has(free); number++) free = `${name}_${number}`;
    this.#given.add(free);
    return free;
  }
}
