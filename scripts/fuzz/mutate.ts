/** Small damages to text and to JSON. */
import type { Random } from './random.ts';

const fragments = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '!',
    '$',
    '@',
    '...',
    '"',
    '"""',
    '#',
    '&',
    '|',
    '=',
    ',',
    '\\',
    '\n',
  ],
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1e400',
    '1.5',
    '9223372036854775808',
    '"\\u0000"',
    '"\\ud800"',
    '0x10',
    '00',
  ],
  ...[
    '__proto__',
    'constructor',
    '__typename',
    '__schema { types { name } }',
    '_',
    'é',
    '\u0000',
    '\ufeff',
    '😀',
  ],
  ...[
    'query',
    'mutation',
    'subscription',
    'fragment f on',
    'on',
    '@include(if: $b)',
    '@skip(if: true)',
    '...f',
  ],
  ...['id', 'name', 'articles', 'author', 'where', 'order_by', 'limit', '_eq', '_in', '_not', '_or', 'data'],
];

/** Replaces one value that is written out: a document that this leaves whole reaches further than a broken one. */
export function mutateLiteral(text: string, random: Random): string {
  const literals = [
    ...text.matchAll(/"(?:[^"\\]|\\.)*"|(?<![\w.])-?\d+(?:\.\d+)?|\b(?:true|false|null|asc|desc)\b/g),
  ];
  const chosen = literals.length === 0 ? undefined : random.pick(literals);
  if (chosen?.index === undefined) return mutateText(text, random);
  return (
    text.slice(0, chosen.index) + random.pick(literalValues) + text.slice(chosen.index + chosen[0].length)
  );
}

const literalValues = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e30',
    '9223372036854775808',
    '2147483648',
    '1e400',
    '""',
    '"x"',
    '"1"',
    'asc',
  ],
  ...[
    '"\\u0000"',
    '"%"',
    '"\\\\"',
    '"{1,2}"',
    '"{"',
    '"2020-13-45"',
    '"infinity"',
    '"NaN"',
    '"[1,2)"',
    '"$.a"',
    '"1:2"',
    '"-1 day"',
  ],
  ...[
    '{}',
    '[]',
    '[[]]',
    '[null]',
    '{a: 1}',
    '[1, "x"]',
    '{_eq: 1}',
    '$b',
    '$w',
    '""" block """',
    '"é😀"',
    '"("',
    '"a|b&!"',
  ],
];

/** Replaces, drops, repeats, swaps or inserts a few tokens, or damages a character. */
export function mutateText(text: string, random: Random): string {
  let tokens: string[] = text.match(/[A-Za-z_]\w*|\d+|\s+|[^\sA-Za-z_\d]/g) ?? [];
  for (let round = random.oneIn(3) ? random.below(4) : 0; round >= 0; round--) {
    const at = random.below(tokens.length + 1);
    const other = random.below(tokens.length + 1);
    switch (random.below(8)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, random.pick(fragments));
        break;
      case 2:
        tokens.splice(at, 1, random.pick(fragments));
        break;
      case 3:
        tokens.splice(at, 0, ...tokens.slice(Math.min(at, other), Math.max(at, other)));
        break;
      case 4:
        tokens.splice(Math.min(at, other), Math.abs(at - other));
        break;
      case 5:
        [tokens[at], tokens[other]] = [tokens[other] ?? '', tokens[at] ?? ''];
        break;
      case 6:
        tokens.splice(at, 1, ...[...(tokens[at] ?? '')].reverse());
        break;
      default:
        tokens.splice(at, 1, String.fromCharCode(random.below(0x300)));
    }
    // a text that doubles again and again says nothing new
    tokens = tokens.slice(0, 4_000);
  }
  return tokens.join('');
}

type Members = Record<string, unknown>;

const values: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, '', 'x', 'a\u0000b', '\ud800', 'null', '{}', '1', 'é😀'],
  ...[
    [],
    {},
    [[]],
    [null],
    { a: null },
    '__proto__',
    'constructor',
    'X-Hasura-User-Id',
    'admin',
    'public',
    '*',
  ],
  ...['articles', 'authors', { schema: 'public', name: 'authors' }, { _eq: 1 }, { name: 5 }, ['id', 'id']],
  ...[
    'x'.repeat(5_000),
    [1, [2, [3, [4]]]],
    { from_env: 'NOBODY_HAS_SET_THIS' },
    '9'.repeat(400),
    '2020-13-45',
  ],
];

const keys = [
  'id',
  'name',
  '__proto__',
  'constructor',
  'toString',
  '',
  'a b',
  '1',
  'permission',
  'filter',
  '_and',
];

/** A copy in which one value, or a few, is another, or is missing, or is called differently. */
export function mutateJson(json: unknown, random: Random): unknown {
  const copy: { root: unknown } = { root: structuredClone(json) };
  for (let round = random.oneIn(3) ? random.below(3) : 0; round >= 0; round--) {
    const places = placesIn(copy as unknown as Members);
    const { holder, key } = random.pick(places);
    const target = holder as Members;
    switch (random.below(7)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else if (target !== (copy as unknown as Members)) delete target[key];
        break;
      case 1: {
        const member = target[key];
        if (Array.isArray(holder)) holder.push(member);
        else if (target !== (copy as unknown as Members)) define(target, random.pick(keys), member);
        break;
      }
      case 2:
        // a part of the whole in another place
        define(target, key, structuredClone(read(random.pick(places))));
        break;
      case 3:
        if (typeof target[key] === 'string') define(target, key, mutateText(target[key] as string, random));
        else define(target, key, [target[key]]);
        break;
      default:
        define(target, key, structuredClone(random.pick(values)));
    }
  }
  return copy.root;
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function read({ holder, key }: Place): unknown {
  return (holder as Members)[key];
}

/** Also for `__proto__`. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(holder: object): Place[] {
  const found: Place[] = [];
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    const member = (holder as Members)[key];
    if (typeof member === 'object' && member !== null && found.length < 2_000)
      found.push(...placesIn(member));
  }
  return found;
}
