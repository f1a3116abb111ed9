/** Random queries of what a role's schema offers: any field, any argument, values written out or sent as variables. */
import { underlyingType } from '../../src/permissions/index.ts';
import type {
  Field,
  InputValue,
  NamedType,
  ObjectType,
  RoleSchema,
  TypeReference,
} from '../../src/schema/index.ts';
import type { Json, JsonObject } from '../../src/support/index.ts';

export interface RandomQuery {
  readonly text: string;
  readonly variables: JsonObject;
}

/**
 * The same query for the same seed.
 * @param options `isWhole`: nothing picks some of many rows, as `limit` does, which without an order may be any
 */
export function randomQuery(
  schema: RoleSchema,
  seed: number,
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): RandomQuery {
  const state: State = { random: randomNumbers(seed), declarations: [], variables: {}, aliases: 0, isWhole };
  const selection = selectionOf(schema.queryRoot, 3, state);
  const declared = state.declarations.length === 0 ? '' : `(${state.declarations.join(', ')})`;
  return { text: `query ${declared} ${selection}`, variables: state.variables };
}

interface State {
  /** From 0 to below `end`. */
  readonly random: (end: number) => number;
  readonly declarations: string[];
  readonly variables: Record<string, Json>;
  aliases: number;
  readonly isWhole: boolean;
}

interface Given {
  readonly text: string;
  readonly json: Json;
}

function selectionOf(type: ObjectType, depth: number, state: State): string {
  const fields = [...type.fields.values()].filter(
    ({ name, type: reference }) => !name.startsWith('__') && (depth > 0 || !isObject(reference)),
  );
  const count = fields.length === 0 ? 0 : 1 + state.random(3);
  const chosen = Array.from({ length: count }, () => pick(fields, state));
  return `{ ${['__typename', ...chosen.map((field) => fieldOf(field, depth, state))].join(' ')} }`;
}

function fieldOf(field: Field, depth: number, state: State): string {
  const inputs = [...field.arguments.values()];
  const usable = state.isWhole ? inputs.filter(({ meaning }) => !pickers.has(meaning.kind)) : inputs;
  const given = chooseInputs(usable, 2, state);
  const written = Object.entries(given).map(([name, { text }]) => `${name}: ${text}`);
  const list = written.length === 0 ? '' : `(${written.join(', ')})`;
  const named = namedTypeOf(field.type);
  const below = named.kind === 'object' ? ` ${selectionOf(named, depth - 1, state)}` : '';
  return `a${state.aliases++}: ${field.name}${list}${below}`;
}

const pickers: ReadonlySet<InputValue['meaning']['kind']> = new Set(['limit', 'offset', 'distinct-on']);

/** Some of the fields, among them all required ones; of aggregate predicates exactly one. */
function chooseInputs(fields: readonly InputValue[], depth: number, state: State): Record<string, Given> {
  const chosen = isChoice(fields)
    ? [pick(fields, state)]
    : fields.filter(
        ({ type, defaultValue }) =>
          (type.kind === 'non-null' && defaultValue === null) || state.random(fields.length) < 2,
      );
  const given: Record<string, Given> = {};
  // Distinct columns must lead the order; that rule has tests of its own.
  const isDistinct = chosen.some(({ meaning }) => meaning.kind === 'distinct-on');
  for (const field of chosen) {
    if (isDistinct && field.meaning.kind === 'order-by') continue;
    const value = inputOf(field, depth, state);
    given[field.name] = state.random(5) === 0 ? asVariable(field.type, value, state) : value;
  }
  return given;
}

function asVariable(type: TypeReference, { json }: Given, state: State): Given {
  const name = `v${state.declarations.length}`;
  state.declarations.push(`$${name}: ${typeText(type)}`);
  state.variables[name] = json;
  return { text: `$${name}`, json };
}

function inputOf(field: InputValue, depth: number, state: State): Given {
  const { meaning } = field;
  if (meaning.kind === 'json-path') return quoted(pick(['$', 'a', '$.a[0]', '["b"]'], state));
  if (meaning.kind === 'operator' && meaning.operator.operator.startsWith('json-path-')) {
    return quoted(pick(['$.a', '$.a[*] ? (@ == 1)', '$[0] > 0', 'exists($.a)'], state));
  }
  return randomValue(field.type, depth, state);
}

/** Values written inside others are never variables, so that the outer value may be one. */
function randomValue(type: TypeReference, depth: number, state: State): Given {
  if (type.kind === 'non-null') return randomValue(type.of, depth, state);
  if (type.kind === 'list') {
    const items = Array.from({ length: state.random(3) }, () => randomValue(type.of, depth, state));
    return { text: `[${items.map(({ text }) => text).join(', ')}]`, json: items.map(({ json }) => json) };
  }
  const named = type.type;
  switch (named.kind) {
    case 'enum': {
      const name = pick([...named.values.keys()], state);
      return { text: name, json: name };
    }
    case 'input-object': {
      const fields = [...named.fields.values()].filter(
        ({ type: inner }) => inner.kind === 'non-null' || depth > levelsOf(namedTypeOf(inner)),
      );
      return fields.length === 0 ? { text: '{}', json: {} } : objectOf(fields, depth - 1, state);
    }
    case 'scalar':
      return scalarOf(named.pgType === null ? named.name : underlyingType(named.pgType).name, state);
    default:
      throw new Error(`no values of ${named.name}`);
  }
}

/** How many input objects a value of the type needs inside one another; an aggregate predicate cannot be empty. */
function levelsOf(type: NamedType): number {
  if (type.kind !== 'input-object') return -1;
  return isChoice([...type.fields.values()]) ? 1 : 0;
}

/** Exactly one of these fields is given. */
function isChoice(fields: readonly InputValue[]): boolean {
  return fields.some(({ meaning }) => meaning.kind === 'aggregate-predicate');
}

function objectOf(fields: readonly InputValue[], depth: number, state: State): Given {
  const chosen = isChoice(fields)
    ? [pick(fields, state)]
    : fields.filter(({ type }) => type.kind === 'non-null' || state.random(fields.length) < 2);
  const entries = chosen.map((field) => [field.name, inputOf(field, depth, state)] as const);
  return {
    text: `{${entries.map(([name, { text }]) => `${name}: ${text}`).join(', ')}}`,
    json: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
  };
}

function scalarOf(name: string, state: State): Given {
  switch (name) {
    case 'Boolean':
    case 'bool':
      return plain(state.random(2) === 0);
    case 'Int':
    case 'int2':
    case 'int4':
    case 'int8':
      return plain(state.random(4));
    case 'Float':
    case 'float8':
    case 'numeric':
      return plain(state.random(4) + 0.5);
    case 'json':
    case 'jsonb':
      return pick([{ text: '{a: [1]}', json: { a: [1] } }, plain(1), quoted('a')], state);
    case 'date':
    case 'timestamptz':
      return quoted('2020-01-02');
    case 'uuid':
      return quoted('00000000-0000-0000-0000-000000000001');
    default:
      return quoted(pick(['a', 'b%', '', 'HIDD%', '%"\\\\\'%', 'é'], state));
  }
}

function plain(value: number | boolean): Given {
  return { text: String(value), json: value };
}

function quoted(value: string): Given {
  return { text: JSON.stringify(value), json: value };
}

function pick<T>(items: readonly T[], state: State): T {
  const item = items[state.random(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function isObject(type: TypeReference): boolean {
  return namedTypeOf(type).kind === 'object';
}

function namedTypeOf(type: TypeReference): NamedType {
  return type.kind === 'named' ? type.type : namedTypeOf(type.of);
}

function typeText(type: TypeReference): string {
  switch (type.kind) {
    case 'named':
      return type.type.name;
    case 'list':
      return `[${typeText(type.of)}]`;
    case 'non-null':
      return `${typeText(type.of)}!`;
  }
}

/** Mulberry32. */
function randomNumbers(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % end;
  };
}
