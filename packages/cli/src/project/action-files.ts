import {
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type StringValueNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { isList, isMapping, type Mapping, mappingOf, mappingsIn, type Value } from '../document/index.ts';

/**
 * Puts `actions.yaml` and `actions.graphql` together into the keys `actions` and `custom_types`, which are absent when there is none: the SDL has arguments,
 * output types and the custom types, the YAML file everything else. Keys that are not known here are carried through. Source: spec/cli.md 2.3.
 * @throws Error whose message says what does not fit
 */
export function readActions(yaml: Value, sdl: string): Mapping {
  const document = parseSdl(sdl);
  const declared = isMapping(yaml) ? yaml : new Map<string, Value>();
  const actions = mergeActions(document.actions, mappingsIn(declared.get('actions')));
  const types = mergeTypes(document.types, declared.get('custom_types'));
  return mappingOf([
    ['actions', actions.length === 0 ? undefined : actions],
    ['custom_types', types.size === 0 ? undefined : types],
  ]);
}

/** In the order in which they stand in `actions.yaml`. */
export const typeLists = ['enums', 'input_objects', 'objects', 'scalars'] as const;

type TypeList = (typeof typeLists)[number];

interface SdlContent {
  /** Name and what the SDL says of the definition. */
  readonly actions: Map<string, Mapping>;
  readonly types: Readonly<Record<TypeList, Map<string, Mapping>>>;
}

function parseSdl(sdl: string): SdlContent {
  const content: SdlContent = {
    actions: new Map(),
    types: { enums: new Map(), input_objects: new Map(), objects: new Map(), scalars: new Map() },
  };
  // a file without definitions is no GraphQL document
  if (sdl.replace(/#[^\n]*/g, '').trim() === '') return content;
  for (const definition of parse(sdl, { noLocation: true }).definitions) {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_DEFINITION:
        addDefinition(definition, content);
        break;
      case Kind.INTERFACE_TYPE_DEFINITION:
        throw new Error('Interface types are not supported');
      case Kind.SCHEMA_DEFINITION:
      case Kind.SCHEMA_EXTENSION:
        throw new Error('You cannot have schema definitions in Action/Type definitions');
      default:
        throw new Error(`a definition of this kind is not supported: ${print(definition).split('\n')[0]}`);
    }
  }
  return content;
}

function addDefinition(
  definition: TypeDefinitionNode | TypeExtensionNode,
  { actions, types }: SdlContent,
): void {
  const name = definition.name.value;
  const head: Pair[] = [
    ['name', name],
    ['description', 'description' in definition ? descriptionOf(definition) : undefined],
  ];
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
      if (name === 'Mutation' || name === 'Query') {
        for (const field of definition.fields ?? []) {
          add(actions, 'action', field.name.value, actionOf(field, name === 'Query' ? 'query' : 'mutation'));
        }
      } else {
        const fields = (definition.fields ?? []).map(fieldOf);
        add(types.objects, 'custom type', name, mappingOf([...head, ['fields', fields]]));
      }
      break;
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = (definition.fields ?? []).map(inputOf);
      add(types.input_objects, 'custom type', name, mappingOf([...head, ['fields', fields]]));
      break;
    }
    case Kind.ENUM_TYPE_DEFINITION: {
      const values = (definition.values ?? []).map((value) =>
        mappingOf([
          ['value', value.name.value],
          ['description', descriptionOf(value)],
          ['is_deprecated', isDeprecated(value) ? true : undefined],
        ]),
      );
      add(types.enums, 'custom type', name, mappingOf([...head, ['values', values]]));
      break;
    }
    default:
      add(types.scalars, 'custom type', name, mappingOf(head));
  }
}

type Pair = readonly [string, Value | undefined];

/** The second of a name would take the place of the first. */
function add(entries: Map<string, Mapping>, kind: string, name: string, entry: Mapping): void {
  if (entries.has(name)) throw new Error(`${kind} ${name} is defined more than once`);
  entries.set(name, entry);
}

function actionOf(field: FieldDefinitionNode, type: 'query' | 'mutation'): Mapping {
  return mappingOf([
    ['type', type],
    ['arguments', (field.arguments ?? []).map(inputOf)],
    ['output_type', print(field.type)],
  ]);
}

function fieldOf(field: FieldDefinitionNode): Mapping {
  const inputs = field.arguments ?? [];
  return mappingOf([
    ['name', field.name.value],
    ['type', print(field.type)],
    ['description', descriptionOf(field)],
    ['arguments', inputs.length === 0 ? undefined : inputs.map(inputOf)],
  ]);
}

function inputOf(input: InputValueDefinitionNode): Mapping {
  return mappingOf([
    ['name', input.name.value],
    ['type', print(input.type)],
    ['description', descriptionOf(input)],
  ]);
}

/** The text between three quotes has a space on both sides in the files of the Hasura CLI; one between single quotes stands for itself. */
function descriptionOf({
  description,
}: {
  readonly description?: StringValueNode | undefined;
}): string | undefined {
  const text = description?.block === false ? description.value : description?.value.trim();
  return text === '' ? undefined : text;
}

function isDeprecated({ directives }: EnumValueDefinitionNode): boolean {
  return directives?.some((directive) => directive.name.value === 'deprecated') === true;
}

function mergeActions(inSdl: ReadonlyMap<string, Mapping>, inYaml: readonly Mapping[]): Value[] {
  const known = byName(inYaml);
  for (const name of known.keys()) {
    if (!inSdl.has(name)) throw new Error(`action ${name} is not present in actions.graphql`);
  }
  return [...inSdl].map(([name, fromSdl]) => {
    const entry = known.get(name) ?? new Map<string, Value>();
    const declared = entry.get('definition');
    const definition = new Map<string, Value>([
      ['handler', ''],
      ...(isMapping(declared) ? declared : []),
      ...fromSdl,
    ]);
    // an empty kind is that of a query
    const kind = definition.get('kind');
    if (fromSdl.get('type') === 'query' || kind === '' || kind === null) definition.delete('kind');
    return new Map<string, Value>([['name', name], ...entry, ['definition', definition]]);
  });
}

function mergeTypes(inSdl: SdlContent['types'], inYaml: Value | undefined): Mapping {
  const declared = isMapping(inYaml) ? inYaml : new Map<string, Value>();
  const merged = new Map<string, Value>();
  for (const list of typeLists) {
    const known = byName(mappingsIn(declared.get(list)));
    for (const name of known.keys()) {
      if (!inSdl[list].has(name)) throw new Error(`custom type ${name} is not present in actions.graphql`);
    }
    const types = [...inSdl[list]].map(([name, fromSdl]) => mergeType(known.get(name), fromSdl));
    if (types.length > 0) merged.set(list, types);
  }
  return merged;
}

/** The SDL counts; what only the YAML file can say of a type or a value is added. */
function mergeType(fromYaml: Mapping | undefined, fromSdl: Mapping): Mapping {
  const merged = new Map([...(fromYaml ?? []), ...fromSdl]);
  const values = fromSdl.get('values');
  if (!isList(values)) return merged;
  const known = new Map(mappingsIn(fromYaml?.get('values')).map((value) => [value.get('value'), value]));
  merged.set(
    'values',
    mappingsIn(values).map((value) => new Map([...(known.get(value.get('value')) ?? []), ...value])),
  );
  return merged;
}

function byName(entries: readonly Mapping[]): ReadonlyMap<string, Mapping> {
  return new Map(entries.map((entry) => [String(entry.get('name')), entry]));
}
