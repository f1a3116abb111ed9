import {
  isList,
  isMapping,
  isSame,
  type Mapping,
  mappingOf,
  mappingsIn,
  type Value,
  writeYaml,
} from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { readActions, typeLists } from './action-files.ts';

/** Of `definition` in actions.yaml. Source: spec/cli.md 2.3. */
const definitionOrder: readonly string[] = [
  'kind',
  'handler',
  'forward_client_headers',
  'headers',
  'timeout',
  'request_transform',
  'response_transform',
];
/**
 * The engine exports this list where an action has none of its own, and takes it again where none is written. The Hasura CLI writes no list at all.
 * Source: spec/actions.md 7.3.
 */
const usualIgnoredHeaders: readonly string[] = [
  'Content-Length',
  'Content-MD5',
  'User-Agent',
  'Host',
  'Origin',
  'Referer',
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Datetime',
  'Cache-Control',
  'Connection',
  'DNT',
  'Content-Type',
];
/** What the SDL says. */
const inSdl: readonly string[] = ['type', 'arguments', 'output_type'];

/**
 * `actions.yaml` and `actions.graphql` of the keys `actions` and `custom_types`.
 * @throws UserError when the two files would not say the same again
 */
export function exportActions(
  actions: Value,
  customTypes: Value,
): { readonly yaml: string; readonly sdl: string } {
  const types = new Map(
    typeLists.map((list) => [list, mappingsIn(isMapping(customTypes) ? customTypes.get(list) : [])]),
  );
  const yaml = mappingOf([
    ['actions', mappingsIn(actions).map(actionEntry)],
    ['custom_types', mappingOf(typeLists.map((list) => [list, (types.get(list) ?? []).map(typeEntry)]))],
  ]);
  const sdl = [
    ...mappingsIn(actions).map(actionSdl),
    ...typeLists.flatMap((list) => (types.get(list) ?? []).map((type) => typeSdl(list, type))),
  ].join('');
  verify(yaml, sdl, actions, types);
  return { yaml: writeYaml(yaml), sdl };
}

function actionEntry(action: Mapping): Mapping {
  const declared = action.get('definition');
  const definition: Mapping = isMapping(declared) ? declared : new Map();
  const others = [...definition.keys()].filter(
    (key) => !definitionOrder.includes(key) && !inSdl.includes(key),
  );
  const known = mappingOf(
    [...definitionOrder, ...others].map((key) => {
      const value = definition.get(key);
      if (key === 'ignored_client_headers' && value !== undefined && isSame(value, usualIgnoredHeaders)) {
        return [key, undefined] as const;
      }
      if (key === 'kind' || key === 'handler') return [key, value ?? ''] as const;
      return [key, key === 'forward_client_headers' && value === false ? undefined : value] as const;
    }),
  );
  const last = [...action].filter(([key]) => !['name', 'definition', 'permissions', 'comment'].includes(key));
  return mappingOf([
    ['name', action.get('name')],
    ['definition', known],
    ['permissions', action.get('permissions')],
    ['comment', action.get('comment')],
    ...last,
  ]);
}

/** Everything but the fields; what is known of enum values stays. */
function typeEntry(type: Mapping): Mapping {
  const first = ['name', 'description', 'values', 'relationships'];
  const others = [...type.keys()].filter((key) => !first.includes(key) && key !== 'fields');
  return mappingOf([...first, ...others].map((key) => [key, type.get(key)] as const));
}

function actionSdl(action: Mapping): string {
  const declared = action.get('definition');
  const definition: Mapping = isMapping(declared) ? declared : new Map();
  const type = definition.get('type') === 'query' ? 'Query' : 'Mutation';
  const field = `${String(action.get('name'))}${argumentsSdl(definition.get('arguments'))}: ${String(definition.get('output_type'))}`;
  return `type ${type} {\n  ${field}\n}\n\n`;
}

function typeSdl(list: (typeof typeLists)[number], type: Mapping): string {
  const head = (keyword: string): string => `${descriptionSdl(type)}${keyword} ${String(type.get('name'))}`;
  switch (list) {
    case 'scalars':
      return `${head('scalar')}\n\n`;
    case 'enums': {
      const values = mappingsIn(type.get('values')).map(
        (value) => `  ${descriptionSdl(value)}${String(value.get('value'))}`,
      );
      return `${head('enum')} {\n${values.join('\n')}\n}\n\n`;
    }
    default: {
      const fields = mappingsIn(type.get('fields')).map(
        (field) =>
          `  ${descriptionSdl(field)}${String(field.get('name'))}${argumentsSdl(field.get('arguments'))}: ${String(field.get('type'))}`,
      );
      return `${head(list === 'objects' ? 'type' : 'input')} {\n${fields.join('\n')}\n}\n\n`;
    }
  }
}

function argumentsSdl(list: Value | undefined): string {
  const inputs = mappingsIn(list);
  if (inputs.length === 0) return '';
  const lines = inputs.map(
    (input) => `    ${descriptionSdl(input)}${String(input.get('name'))}: ${String(input.get('type'))}`,
  );
  return `(\n${lines.join('\n')}\n  )`;
}

/** `""" text """ `; in double quotes where three of them would not give the text back. */
function descriptionSdl(described: Mapping): string {
  const text = described.get('description');
  if (typeof text !== 'string' || text === '') return '';
  const isPlain = text.trim() === text && !/"""|[\r\n\\]/.test(text);
  return `${isPlain ? `""" ${text} """` : JSON.stringify(text)} `;
}

/** The SDL is text that is put together: a name that is none, or a description that ends it, must not go unnoticed. */
function verify(
  yaml: Mapping,
  sdl: string,
  actions: Value,
  types: ReadonlyMap<string, readonly Mapping[]>,
): void {
  const fault = (what: string): UserError =>
    new UserError(
      `the actions cannot be written to actions.graphql: ${what}. Use metadata_file for this project.`,
    );
  let again: Mapping;
  try {
    again = readActions(yaml, sdl);
  } catch (error) {
    throw fault(messageOf(error));
  }
  const customTypes = again.get('custom_types');
  compare('action', mappingsIn(again.get('actions')), mappingsIn(actions), fault);
  for (const list of typeLists) {
    compare(
      'type',
      mappingsIn(isMapping(customTypes) ? customTypes.get(list) : []),
      types.get(list) ?? [],
      fault,
    );
  }
}

function compare(
  what: string,
  again: readonly Mapping[],
  before: readonly Mapping[],
  fault: (what: string) => UserError,
): void {
  const known = new Map(again.map((entry) => [entry.get('name'), entry]));
  for (const entry of before) {
    const other = known.get(entry.get('name') ?? null);
    if (other === undefined || !isSame(essence(other), essence(entry))) {
      throw fault(`${what} ${String(entry.get('name'))} would not be the same again`);
    }
  }
  if (again.length !== before.length)
    throw fault(`there would be ${again.length} of kind ${what}, not ${before.length}`);
}

/** Without what says nothing: the usual ignored headers, nulls, empty texts and lists, `false`, and the blanks of types. */
function essence(value: Value): Value {
  if (isList(value)) return value.map(essence);
  if (!isMapping(value)) return value;
  const isQuery = value.get('type') === 'query';
  return mappingOf(
    [...value].flatMap(([key, member]) => {
      // a query has no kind
      if (isQuery && key === 'kind') return [];
      if (key === 'ignored_client_headers' && isSame(member, usualIgnoredHeaders)) return [];
      if (member === null || member === '' || member === false || (isList(member) && member.length === 0))
        return [];
      const isType = (key === 'type' || key === 'output_type') && typeof member === 'string';
      return [[key, isType ? member.replace(/\s/g, '') : essence(member)] as const];
    }),
  );
}
