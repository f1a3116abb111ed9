/** Header names, spelled as they are sent, with values that hold one byte per character (latin1). A name may occur several times. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What every call carries unless something of higher precedence says otherwise. Source: spec/actions.md 7.2. */
export function defaultHeaders(version: string): HeaderList {
  return [
    ['Content-Type', 'application/json'],
    ['User-Agent', `hasura-graphql-engine/${version}`],
  ];
}

/** Lists in order of precedence made into one: of a name, only the first list that has it counts. Source: spec/actions.md 7.2. */
export function mergeHeaders(...lists: readonly HeaderList[]): HeaderList {
  const taken = new Set<string>();
  return lists.flatMap((list) => {
    const added = list.filter(([name]) => !taken.has(name.toLowerCase()));
    for (const [name] of added) taken.add(name.toLowerCase());
    return added;
  });
}

/** Names and values in turn, as Node gives and takes them, made into pairs. */
export function fromRawHeaders(raw: readonly string[]): HeaderList {
  return Array.from({ length: raw.length >> 1 }, (_, index) => [
    // both are below the length, which is even
    raw[2 * index] as string,
    raw[2 * index + 1] as string,
  ]);
}

/** Text of ours as a header carries it: its UTF-8 bytes, one per character. */
export function encodeHeaderValue(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
