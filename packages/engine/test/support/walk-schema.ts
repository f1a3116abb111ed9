/**
 * Questions that together use everything a role's schema offers: every root field, and below it every field, argument, input field and enum value that can
 * be reached, each at least once per root field.
 */
import { underlyingType } from '../../src/permissions/index.ts';
import type {
  Field,
  InputObjectType,
  InputValue,
  NamedType,
  ObjectType,
  RoleSchema,
  TypeReference,
} from '../../src/schema/index.ts';

export interface Question {
  /** A whole operation. */
  readonly text: string;
  readonly rootField: string;
}

export function* walkSchema(schema: RoleSchema): Iterable<Question> {
  for (const [operation, root] of [
    ['query', schema.queryRoot],
    ['mutation', schema.mutationRoot],
    ['subscription', schema.subscriptionRoot],
  ] as const) {
    for (const field of root?.fields.values() ?? []) {
      if (field.meaning.kind === 'schema' || field.meaning.kind === 'type') continue;
      for (const text of usesOf(field, new Set())) {
        yield { text: `${operation} { ${text} }`, rootField: field.name };
      }
    }
  }
}

/** Ways to write a field: one for each way to give each of its arguments, and one for each thing below it. */
function* usesOf(field: Field, seen: Set<string>): Iterable<string> {
  const named = namedTypeOf(field.type);
  if (field.meaning.kind === 'node') {
    for (const type of named.kind === 'interface' ? named.possibleTypes : [])
      yield* nodesOf(field.name, type, seen);
    return;
  }
  const required = [...field.arguments.values()].filter(isRequired);
  const write = (given: ReadonlyMap<InputValue, string>, below: string) => {
    const values = new Map([...required.map((input) => [input, leastValue(input.type)] as const), ...given]);
    const list = [...values].map(([{ name }, value]) => `${name}: ${value}`).join(', ');
    return `${field.name}${list === '' ? '' : `(${list})`}${named.kind === 'object' ? ` { ${below} }` : ''}`;
  };
  yield write(new Map(), '__typename');
  for (const input of field.arguments.values()) {
    const isCursor = input.meaning.kind === 'after' || input.meaning.kind === 'before';
    for (const value of isCursor ? [firstCursor] : valuesOf(input.type, seen)) {
      yield write(
        new Map([[input, value]]),
        named.name.endsWith('Connection') ? 'pageInfo { hasNextPage hasPreviousPage }' : '__typename',
      );
    }
  }
  if (named.kind === 'object') {
    for (const below of selectionsOf(named, seen)) yield write(new Map(), below);
  }
}

/** A row of the type by its global id; the key must be one number. */
function* nodesOf(name: string, type: ObjectType, seen: Set<string>): Iterable<string> {
  const meaning = type.fields.get('id')?.meaning;
  if (meaning?.kind !== 'node-id') throw new Error(`${type.name} has no global ids`);
  const { schema, name: table } = meaning.access.table;
  const id = Buffer.from(JSON.stringify([1, schema, table, 1])).toString('base64');
  yield `${name}(id: "${id}") { __typename id }`;
  for (const below of selectionsOf(type, seen))
    yield `${name}(id: "${id}") { ... on ${type.name} { ${below} } }`;
}

function* selectionsOf(type: ObjectType, seen: Set<string>): Iterable<string> {
  for (const field of type.fields.values()) {
    if (isSeen(seen, `${type.name}.${field.name}`)) continue;
    yield* usesOf(field, seen);
  }
}

/** Values of a type: one for each thing that has not been used yet, and at least one. */
function* valuesOf(type: TypeReference, seen: Set<string>): Iterable<string> {
  if (type.kind === 'non-null') return yield* valuesOf(type.of, seen);
  if (type.kind === 'list') {
    for (const value of valuesOf(type.of, seen)) yield `[${value}]`;
    return;
  }
  const named = type.type;
  if (named.kind === 'enum') {
    for (const name of named.values.keys()) if (!isSeen(seen, `${named.name}.${name}`)) yield name;
  } else if (named.kind === 'input-object') {
    for (const field of named.fields.values()) {
      if (isSeen(seen, `${named.name}.${field.name}`)) continue;
      for (const value of valuesOf(field.type, seen)) yield objectWith(named, field, value);
    }
  }
  yield leastValue(type);
}

function objectWith(type: InputObjectType, field: InputValue, value: string): string {
  const others = [...type.fields.values()].filter((other) => other !== field && isRequired(other));
  const members = [
    ...others.map((other) => `${other.name}: ${leastValue(other.type)}`),
    `${field.name}: ${value}`,
  ];
  return `{${members.join(', ')}}`;
}

/** A short value that still names a column or compares something where the type can. */
function leastValue(type: TypeReference, depth = 3): string {
  if (type.kind === 'non-null') return leastValue(type.of, depth);
  if (type.kind === 'list') return `[${leastValue(type.of, depth)}]`;
  const named = type.type;
  switch (named.kind) {
    case 'enum':
      return [...named.values.keys()][0] ?? '';
    case 'input-object': {
      const fields = [...named.fields.values()];
      const required = fields.filter(isRequired);
      const own = fields.find(
        ({ type: inner }) => namedTypeOf(inner).kind !== 'input-object' && inner.kind !== 'list',
      );
      const column = fields.find(
        ({ meaning }) => meaning.kind === 'column' || meaning.kind === 'aggregate-predicate',
      );
      const chosen = required.length > 0 || depth === 0 ? required : [own ?? column ?? fields[0]];
      const members = chosen.flatMap((field) =>
        field === undefined ? [] : `${field.name}: ${leastValue(field.type, depth - 1)}`,
      );
      return `{${members.join(', ')}}`;
    }
    case 'scalar':
      return scalarText(named.pgType === null ? named.name : underlyingType(named.pgType).name);
    default:
      throw new Error(`no values of ${named.name}`);
  }
}

/** Of rows in the order of a key that is one column `id`. */
const firstCursor = `"${Buffer.from('{"id": 1}').toString('base64')}"`;

function scalarText(name: string): string {
  switch (name) {
    case 'Boolean':
    case 'bool':
      return 'true';
    case 'Int':
    case 'int4':
    case 'int8':
    case 'numeric':
    case 'Float':
    case 'float8':
      return '1';
    case 'json':
    case 'jsonb':
      return '{a: 1}';
    default:
      return '"a"';
  }
}

function isRequired({ type, defaultValue }: InputValue): boolean {
  return type.kind === 'non-null' && defaultValue === null;
}

function isSeen(seen: Set<string>, name: string): boolean {
  if (seen.has(name)) return true;
  seen.add(name);
  return false;
}

function namedTypeOf(type: TypeReference): NamedType {
  return type.kind === 'named' ? type.type : namedTypeOf(type.of);
}
