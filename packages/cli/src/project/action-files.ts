import {
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { isObject, type Value } from './value.ts';

type Entry = { [key: string]: Value };

/** What `replace_metadata` takes of a project's actions; a key without content is absent. */
export interface ActionMetadata {
  actions?: Value[];
  custom_types?: Entry;
}

/**
 * Puts `actions.yaml` and `actions.graphql` together: the SDL has arguments, output types and the custom types, the YAML file everything else. Keys that
 * are not known here are carried through. Source: spec/cli.md 2.3.
 * @throws Error whose message says what does not fit
 */
export function readActions(yaml: Value, sdl: string): ActionMetadata {
  const document = parseSdl(sdl);
  const declared = isObject(yaml) ? yaml : {};
  const actions = mergeActions(document.actions, listOf(declared['actions']));
  const types = mergeTypes(
    document.types,
    isObject(declared['custom_types']) ? declared['custom_types'] : {},
  );
  return {
    ...(actions.length === 0 ? {} : { actions }),
    ...(Object.keys(types).length === 0 ? {} : { custom_types: types }),
  };
}

type TypeList = 'enums' | 'input_objects' | 'objects' | 'scalars';

interface SdlContent {
  /** Name and what the SDL says of the definition. */
  readonly actions: Map<string, Entry>;
  readonly types: Readonly<Record<TypeList, Map<string, Entry>>>;
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
  const described = 'description' in definition ? descriptionOf(definition) : {};
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
      if (name === 'Mutation' || name === 'Query') {
        for (const field of definition.fields ?? []) {
          actions.set(field.name.value, actionOf(field, name === 'Query' ? 'query' : 'mutation'));
        }
      } else types.objects.set(name, { name, ...described, fields: (definition.fields ?? []).map(fieldOf) });
      break;
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      types.input_objects.set(name, { name, ...described, fields: (definition.fields ?? []).map(inputOf) });
      break;
    case Kind.ENUM_TYPE_DEFINITION:
      types.enums.set(name, {
        name,
        ...described,
        values: (definition.values ?? []).map((value) => ({
          value: value.name.value,
          ...descriptionOf(value),
          ...(value.directives?.some((directive) => directive.name.value === 'deprecated') === true
            ? { is_deprecated: true }
            : {}),
        })),
      });
      break;
    default:
      types.scalars.set(name, { name, ...described });
  }
}

function actionOf(field: FieldDefinitionNode, type: 'query' | 'mutation'): Entry {
  return { type, arguments: (field.arguments ?? []).map(inputOf), output_type: print(field.type) };
}

function fieldOf(field: FieldDefinitionNode): Entry {
  const inputs = field.arguments ?? [];
  return {
    name: field.name.value,
    type: print(field.type),
    ...descriptionOf(field),
    ...(inputs.length === 0 ? {} : { arguments: inputs.map(inputOf) }),
  };
}

function inputOf(input: InputValueDefinitionNode): Entry {
  return { name: input.name.value, type: print(input.type), ...descriptionOf(input) };
}

function descriptionOf(node: { readonly description?: { readonly value: string } | undefined }): Entry {
  const text = node.description?.value.trim();
  return text === undefined || text === '' ? {} : { description: text };
}

function mergeActions(inSdl: ReadonlyMap<string, Entry>, inYaml: readonly Entry[]): Value[] {
  const known = byName(inYaml);
  for (const name of known.keys()) {
    if (!inSdl.has(name)) throw new Error(`action ${name} is not present in actions.graphql`);
  }
  return [...inSdl].map(([name, fromSdl]) => {
    const { definition = {}, ...others } = known.get(name) ?? {};
    const { kind, ...given } = isObject(definition) ? definition : {};
    const isMutation = fromSdl['type'] === 'mutation';
    // an empty kind is that of a query
    const kinds = isMutation && typeof kind === 'string' && kind !== '' ? { kind } : {};
    return { ...others, name, definition: { handler: '', ...given, ...kinds, ...fromSdl } };
  });
}

function mergeTypes(inSdl: SdlContent['types'], inYaml: Entry): Entry {
  const merged: Entry = {};
  for (const list of ['enums', 'input_objects', 'objects', 'scalars'] as const) {
    const known = byName(listOf(inYaml[list]));
    for (const name of known.keys()) {
      if (!inSdl[list].has(name)) throw new Error(`custom type ${name} is not present in actions.graphql`);
    }
    const types = [...inSdl[list]].map(([name, fromSdl]) => mergeType(known.get(name) ?? {}, fromSdl));
    if (types.length > 0) merged[list] = types;
  }
  return merged;
}

/** The SDL counts; what only the YAML file can say of a type or a value is added. */
function mergeType(fromYaml: Entry, fromSdl: Entry): Entry {
  const values = fromSdl['values'];
  if (!Array.isArray(values)) return { ...fromYaml, ...fromSdl };
  const known = new Map(listOf(fromYaml['values']).map((value) => [value['value'], value]));
  return {
    ...fromYaml,
    ...fromSdl,
    values: values.map((value) =>
      isObject(value) ? { ...known.get(value['value'] ?? null), ...value } : value,
    ),
  };
}

function byName(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [String(entry['name']), entry]));
}

function listOf(value: Value | undefined): readonly Entry[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
