/**
 * What a role may use of a service: the part of its types that the role's schema document lists, with presets.
 * Source: spec/remote-schemas.md 7.2, 7.3.
 */
import {
  type ConstDirectiveNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  OperationTypeNode,
  parseConstValue,
  print,
  type TypeDefinitionNode,
  type UnionTypeDefinitionNode,
} from 'graphql';
import { Path, RequestError } from '../../support/index.ts';
import { checkTypeSystem, isRequiredInput } from '../check-type-system.ts';
import { builtInScalars, withImplementations } from '../read-introspection.ts';
import { fromTypeNode, typeText } from '../type-references.ts';
import type {
  RemoteEnumType,
  RemoteField,
  RemoteInputObjectType,
  RemoteInputValue,
  RemoteInterfaceType,
  RemoteObjectType,
  RemoteRoots,
  RemoteType,
  RemoteTypeReference,
  RemoteTypeSystem,
  RemoteUnionType,
} from '../types.ts';
import { parseRoleSchema, quoteAll, type RoleDocument, refuseRepeated } from './parse-role-schema.ts';
import { type PresetTypes, presetTypesOf } from './preset-types.ts';
import { isPreset, readPreset } from './read-preset.ts';
import type { Reasons } from './reasons.ts';

/**
 * @param text the role's schema document, in the service's own words
 * @throws RequestError `validation-failed` with all reasons, `parse-failed`, or `remote-schema-error` when what is listed does not fit together
 */
export function restrictTypeSystem(typeSystem: RemoteTypeSystem, text: string): RemoteTypeSystem {
  const document = parseRoleSchema(text);
  const restricted = gatherReasons((reasons) => {
    checkDocument(document, reasons);
    return new Restriction(typeSystem, document, reasons).run();
  });
  checkTypeSystem(withoutPresets(restricted));
  return restricted;
}

/** Throws a RequestError that tells all reasons that were given. */
function gatherReasons<T>(check: (reasons: Reasons) => T): T {
  const given: string[] = [];
  const stop = Symbol('a reason after which nothing can be told for sure');
  const reasons: Reasons = {
    add: (reason) => void given.push(reason),
    end(reason) {
      given.push(reason);
      throw stop;
    },
  };
  try {
    const result = check(reasons);
    if (given.length === 0) return result;
  } catch (error) {
    if (error !== stop) throw error;
  }
  throw new RequestError('validation-failed', Path.root, describe(given));
}

function checkDocument({ types, schemas }: RoleDocument, reasons: Reasons): void {
  refuseRepeated(types, (names) => reasons.end(`duplicate type names found: ${names}`));
  if (schemas > 1) reasons.end('multiple schema definitions found');
}

function describe(reasons: readonly string[]): string {
  const [first] = reasons;
  const beginning = 'validation for the given role-based schema failed';
  if (reasons.length === 1) return `${beginning} because ${first}`;
  return `${beginning} for the following reasons:\n${reasons.map((reason) => ` • ${reason}\n`).join('')}`;
}

/** Types of what is preset need not be listed. */
function withoutPresets(system: RemoteTypeSystem): RemoteTypeSystem {
  const visible = (inputs: ReadonlyMap<string, RemoteInputValue>) =>
    new Map([...inputs].filter(([, { preset }]) => preset === null));
  const types = new Map<string, RemoteType>();
  for (const [name, type] of system.types) {
    if (type.kind === 'input-object') types.set(name, { ...type, fields: visible(type.fields) });
    else if (type.kind === 'object' || type.kind === 'interface') {
      const fields = new Map(
        [...type.fields].map(([key, field]) => [key, { ...field, arguments: visible(field.arguments) }]),
      );
      types.set(name, { ...type, fields });
    } else types.set(name, type);
  }
  return { ...system, types };
}

const kinds = {
  [Kind.SCALAR_TYPE_DEFINITION]: { kind: 'scalar', label: 'Scalar' },
  [Kind.OBJECT_TYPE_DEFINITION]: { kind: 'object', label: 'Object' },
  [Kind.INTERFACE_TYPE_DEFINITION]: { kind: 'interface', label: 'Interface' },
  [Kind.UNION_TYPE_DEFINITION]: { kind: 'union', label: 'Union' },
  [Kind.ENUM_TYPE_DEFINITION]: { kind: 'enum', label: 'Enum' },
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: { kind: 'input-object', label: 'Input object' },
} as const;

class Restriction {
  readonly #upstream: RemoteTypeSystem;
  readonly #document: RoleDocument;
  readonly #presetTypes: PresetTypes;
  readonly #interfaces: ReadonlySet<string>;
  readonly #reasons: Reasons;

  constructor(upstream: RemoteTypeSystem, document: RoleDocument, reasons: Reasons) {
    this.#upstream = upstream;
    this.#document = document;
    this.#presetTypes = presetTypesOf(document.types);
    this.#interfaces = new Set(
      document.types.flatMap(({ kind, name }) =>
        kind === Kind.INTERFACE_TYPE_DEFINITION ? [name.value] : [],
      ),
    );
    this.#reasons = reasons;
  }

  run(): RemoteTypeSystem {
    for (const { name } of this.#document.directives) {
      if (name.value !== 'preset' && !this.#upstream.directives.has(name.value))
        this.#missing('Directive', name.value);
    }
    const types = new Map<string, RemoteType>();
    for (const name of builtInScalars) types.set(name, { kind: 'scalar', name, description: null });
    for (const node of this.#document.types) {
      const type = this.#restrictType(node);
      types.set(type.name, type);
    }
    const complete = new Map([...types].map(([name, type]) => [name, withListedParts(type, types)]));
    return { types: complete, directives: this.#upstream.directives, roots: this.#roots(complete) };
  }

  #roots(types: ReadonlyMap<string, RemoteType>): RemoteRoots {
    const named = this.#document.roots;
    const ofService = this.#upstream.roots;
    const root = (operation: OperationTypeNode, name: string | null): string | null => {
      const given = named.get(operation);
      if (given !== undefined && given !== name) {
        this.#reasons.add(
          `"${given}" is not the type of the upstream remote schema for the operation "${operation}"`,
        );
      }
      // a schema definition says all; without one the types that are listed do
      const isThere = named.size > 0 ? given !== undefined : name !== null && types.has(name);
      return isThere ? name : null;
    };
    return {
      query: root(OperationTypeNode.QUERY, ofService.query) ?? ofService.query,
      mutation: root(OperationTypeNode.MUTATION, ofService.mutation),
      subscription: root(OperationTypeNode.SUBSCRIPTION, ofService.subscription),
    };
  }

  #restrictType(node: TypeDefinitionNode): RemoteType {
    const name = node.name.value;
    const { kind, label } = kinds[node.kind];
    const upstream = this.#upstream.types.get(name);
    if (upstream === undefined || upstream.kind !== kind) return this.#missing(label, name);
    this.#checkDirectives(node.directives, label, name);
    switch (node.kind) {
      case Kind.SCALAR_TYPE_DEFINITION:
        return upstream;
      case Kind.OBJECT_TYPE_DEFINITION:
        return this.#restrictObject(node, upstream as RemoteObjectType);
      case Kind.INTERFACE_TYPE_DEFINITION: {
        const type = upstream as RemoteInterfaceType;
        return { ...type, fields: this.#restrictFields(node.fields ?? [], type, 'Interface') };
      }
      case Kind.UNION_TYPE_DEFINITION:
        return this.#restrictUnion(node, upstream as RemoteUnionType);
      case Kind.ENUM_TYPE_DEFINITION:
        return this.#restrictEnum(node, upstream as RemoteEnumType);
      case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
        const type = upstream as RemoteInputObjectType;
        return { ...type, fields: this.#restrictInputs(node.fields ?? [], type.fields, name) };
      }
    }
  }

  #restrictObject(node: ObjectTypeDefinitionNode, upstream: RemoteObjectType): RemoteType {
    const { name } = upstream;
    const interfaces = (node.interfaces ?? []).map((item) => item.name.value);
    const others = interfaces.filter((item) => !upstream.interfaces.includes(item));
    const isCustom = (item: string): boolean =>
      this.#interfaces.has(item) || this.#upstream.types.get(item)?.kind !== 'interface';
    const custom = others.filter(isCustom);
    if (custom.length > 0) {
      this.#reasons.add(
        `custom interfaces are not supported. Object"${name}" implements the following custom interfaces: ${quoteAll(custom)}`,
      );
    }
    const foreign = others.filter((item) => !isCustom(item));
    if (foreign.length > 0) {
      this.#reasons.add(
        `object "${name}" is trying to implement the following interfaces that do not exist in the corresponding upstream remote object: ${quoteAll(foreign)}`,
      );
    }
    return { ...upstream, interfaces, fields: this.#restrictFields(node.fields ?? [], upstream, 'Object') };
  }

  #restrictUnion(node: UnionTypeDefinitionNode, upstream: RemoteUnionType): RemoteType {
    const possibleTypes = (node.types ?? []).map((item) => item.name.value);
    const unknown = possibleTypes.filter((item) => !upstream.possibleTypes.includes(item));
    if (unknown.length > 0) {
      this.#reasons.end(
        `union "${upstream.name}" contains members which do not exist in the members of the remote schema union :${quoteAll(unknown)}`,
      );
    }
    return { ...upstream, possibleTypes };
  }

  #restrictEnum(node: EnumTypeDefinitionNode, upstream: RemoteEnumType): RemoteType {
    const nodes = node.values ?? [];
    const { name } = upstream;
    refuseRepeated(nodes, (names) =>
      this.#reasons.end(`duplicate enum values: ${names} found in the "${name}" enum`),
    );
    const values = new Map<string, { readonly name: string; readonly description: string | null }>();
    const unknown: string[] = [];
    for (const value of nodes) {
      const found = upstream.values.get(value.name.value);
      this.#checkDirectives(value.directives, 'Enum value', value.name.value);
      if (found === undefined) unknown.push(value.name.value);
      else values.set(found.name, found);
    }
    if (unknown.length > 0) {
      this.#reasons.add(
        `enum "${name}" contains the following enum values that do not exist in the corresponding upstream remote enum: ${quoteAll(unknown)}`,
      );
    }
    return { ...upstream, values };
  }

  #restrictFields(
    nodes: readonly FieldDefinitionNode[],
    upstream: RemoteObjectType | RemoteInterfaceType,
    label: 'Object' | 'Interface',
  ): ReadonlyMap<string, RemoteField> {
    const { name: parent } = upstream;
    refuseRepeated(nodes, (names) =>
      this.#reasons.end(`duplicate fields: ${names}found in the "${label}" "${parent}"`),
    );
    const fields = new Map<string, RemoteField>();
    for (const node of nodes) {
      const name = node.name.value;
      const field = upstream.fields.get(name);
      if (field === undefined) {
        return this.#reasons.end(`field "${name}" does not exist in the "${label}": "${parent}"`);
      }
      this.#checkDirectives(node.directives, `${label} field`, parent);
      this.#checkType(`"${name}"("${label} field")`, field.type, fromTypeNode(node.type));
      const inputs = this.#restrictInputs(node.arguments ?? [], field.arguments, name);
      fields.set(name, { ...field, arguments: inputs });
    }
    return fields;
  }

  /** Arguments of the field `parent`, or fields of the input object of that name. */
  #restrictInputs(
    nodes: readonly InputValueDefinitionNode[],
    upstream: ReadonlyMap<string, RemoteInputValue>,
    parent: string,
  ): ReadonlyMap<string, RemoteInputValue> {
    refuseRepeated(nodes, (names) =>
      this.#reasons.end(`duplicate arguments: ${names}found in the field: "${parent}"`),
    );
    const missing = missingRequired(upstream, nodes);
    if (missing.length > 0) {
      this.#reasons.end(
        `field: "${parent}" expects the following non nullable arguments to be present: ${quoteAll(missing)}`,
      );
    }
    const inputs = new Map<string, RemoteInputValue>();
    for (const node of nodes) {
      const name = node.name.value;
      const input = upstream.get(name);
      if (input === undefined) {
        return this.#reasons.end(`input argument "${name}" does not exist in the input object:"${parent}"`);
      }
      this.#checkDirectives(node.directives, 'Input object argument', parent, { mayPreset: true });
      this.#checkType(`"${name}"("Input object argument")`, input.type, fromTypeNode(node.type));
      this.#checkDefault(node, input, parent);
      const preset = readPreset(node, { types: this.#presetTypes, reasons: this.#reasons });
      inputs.set(name, { ...input, preset });
    }
    return inputs;
  }

  #checkType(what: string, expected: RemoteTypeReference, given: RemoteTypeReference): void {
    const [wanted, found] = [typeText(expected), typeText(given)];
    if (wanted !== found) this.#reasons.add(`expected type of ${what} to be ${wanted} but received ${found}`);
  }

  #checkDefault(
    node: InputValueDefinitionNode,
    { name, defaultValue }: RemoteInputValue,
    parent: string,
  ): void {
    const given = node.defaultValue === undefined ? '' : print(node.defaultValue);
    const expected = defaultValue === null ? '' : canonical(defaultValue);
    if (given === expected) return;
    this.#reasons.add(
      `expected default value of input value: "${name}"of input object "${parent}" to be ${expected} but received ${given}`,
    );
  }

  #checkDirectives(
    nodes: readonly ConstDirectiveNode[] | undefined,
    label: string,
    parent: string,
    { mayPreset }: { readonly mayPreset: boolean } = { mayPreset: false },
  ): void {
    if (nodes === undefined || nodes.length === 0) return;
    refuseRepeated(
      nodes.filter((node) => !isPreset(node)),
      (names) => this.#reasons.end(`duplicate directives: ${names}found in the "${label}" "${parent}"`),
    );
    for (const node of nodes) {
      if (!isPreset(node)) this.#checkDirective(node, label, parent);
    }
    const presets = nodes.filter(isPreset);
    if (presets.length > 1) this.#reasons.end(`found multiple preset directives at "${label}" "${parent}"`);
    if (presets.length === 1 && !mayPreset) {
      this.#reasons.add(
        'Preset directives can be defined only on INPUT_FIELD_DEFINITION or ARGUMENT_DEFINITION',
      );
    }
  }

  #checkDirective(node: ConstDirectiveNode, label: string, parent: string): void {
    const name = node.name.value;
    const upstream = this.#upstream.directives.get(name) ?? this.#missing('Directive', name);
    const unknown = (node.arguments ?? [])
      .map((argument) => argument.name.value)
      .filter((argument) => !upstream.arguments.has(argument));
    if (unknown.length === 0) return;
    this.#reasons.add(
      `the following directive argument(s) defined in the directive: "${name}" defined with the type name: "${parent}" of type "${label}" do not exist in the corresponding upstream directive: ${quoteAll(unknown)}`,
    );
  }

  #missing(label: string, name: string): never {
    return this.#reasons.end(`"${label}": "${name}" does not exist in the upstream remote schema`);
  }
}

/** Inputs without which the service answers no request, and which the document does not list as required. */
function missingRequired(
  upstream: ReadonlyMap<string, RemoteInputValue>,
  nodes: readonly InputValueDefinitionNode[],
): readonly string[] {
  const listed = new Map(nodes.map((node) => [node.name.value, node.type.kind === Kind.NON_NULL_TYPE]));
  return [...upstream.values()]
    .filter((input) => isRequiredInput(input) && listed.get(input.name) !== true)
    .map(({ name }) => name);
}

/** Without interfaces that the role does not see, and with the implementations that it sees. */
function withListedParts(type: RemoteType, types: ReadonlyMap<string, RemoteType>): RemoteType {
  if (type.kind === 'object') {
    return { ...type, interfaces: type.interfaces.filter((name) => types.has(name)) };
  }
  return withImplementations(type, types);
}

function canonical(literal: string): string {
  try {
    return print(parseConstValue(literal, { noLocation: true }));
  } catch {
    // what the service prints need not be a literal
    return literal;
  }
}
