/**
 * What a role may use of a service: the part of its types that the role's schema document lists, with presets.
 * Source: spec/remote-schemas.md 7.2, 7.3.
 */
import {
  type ConstDirectiveNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputObjectTypeDefinitionNode,
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
  RemoteInputValue,
  RemoteInterfaceType,
  RemoteObjectType,
  RemoteRoots,
  RemoteType,
  RemoteTypeReference,
  RemoteTypeSystem,
} from '../types.ts';
import { parseRoleSchema, quoteAll, type RoleDocument, reportRepeated } from './parse-role-schema.ts';
import { isPreset, readPreset } from './read-preset.ts';

/**
 * @param text the role's schema document, in the service's own words
 * @throws RequestError `validation-failed` with all reasons, `parse-failed`, or `remote-schema-error` when what is listed does not fit together
 */
export function restrictTypeSystem(typeSystem: RemoteTypeSystem, text: string): RemoteTypeSystem {
  const reasons: string[] = [];
  const report = (reason: string): void => void reasons.push(reason);
  const document = parseRoleSchema(text, report);
  const restriction = new Restriction(typeSystem, document, report);
  const restricted = restriction.run();
  if (reasons.length > 0) throw new RequestError('validation-failed', Path.root, describe(reasons));
  checkTypeSystem(withoutPresets(restricted));
  return restricted;
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
  readonly #report: (reason: string) => void;

  constructor(upstream: RemoteTypeSystem, document: RoleDocument, report: (reason: string) => void) {
    this.#upstream = upstream;
    this.#document = document;
    this.#report = report;
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
      if (type !== null) types.set(type.name, type);
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
        this.#report(
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

  #restrictType(node: TypeDefinitionNode): RemoteType | null {
    const name = node.name.value;
    const { kind, label } = kinds[node.kind];
    const upstream = this.#upstream.types.get(name);
    if (upstream === undefined || upstream.kind !== kind) {
      this.#missing(label, name);
      return null;
    }
    this.#checkDirectives(node.directives, label, name);
    switch (node.kind) {
      case Kind.SCALAR_TYPE_DEFINITION:
        return upstream;
      case Kind.OBJECT_TYPE_DEFINITION:
        return upstream.kind === 'object' ? this.#restrictObject(node, upstream) : null;
      case Kind.INTERFACE_TYPE_DEFINITION: {
        if (upstream.kind !== 'interface') return null;
        return { ...upstream, fields: this.#restrictFields(node.fields ?? [], upstream, 'Interface') };
      }
      case Kind.UNION_TYPE_DEFINITION:
        return upstream.kind === 'union' ? this.#restrictUnion(node, upstream) : null;
      case Kind.ENUM_TYPE_DEFINITION:
        return upstream.kind === 'enum' ? this.#restrictEnum(node, upstream) : null;
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return upstream.kind === 'input-object' ? this.#restrictInputObject(node, upstream) : null;
    }
  }

  #restrictObject(node: ObjectTypeDefinitionNode, upstream: RemoteObjectType): RemoteType {
    const { name } = upstream;
    const interfaces = (node.interfaces ?? []).map((item) => item.name.value);
    const custom = interfaces.filter((item) => this.#upstream.types.get(item)?.kind !== 'interface');
    if (custom.length > 0) {
      this.#report(
        `custom interfaces are not supported. Object"${name}" implements the following custom interfaces: ${quoteAll(custom)}`,
      );
    }
    const foreign = interfaces.filter(
      (item) => !custom.includes(item) && !upstream.interfaces.includes(item),
    );
    if (foreign.length > 0) {
      this.#report(
        `object "${name}" is trying to implement the following interfaces that do not exist in the corresponding upstream remote object: ${quoteAll(foreign)}`,
      );
    }
    return { ...upstream, interfaces, fields: this.#restrictFields(node.fields ?? [], upstream, 'Object') };
  }

  #restrictUnion(
    node: UnionTypeDefinitionNode,
    upstream: Extract<RemoteType, { kind: 'union' }>,
  ): RemoteType {
    const possibleTypes = (node.types ?? []).map((item) => item.name.value);
    const unknown = possibleTypes.filter((item) => !upstream.possibleTypes.includes(item));
    if (unknown.length > 0) {
      this.#report(
        `union "${upstream.name}" contains members which do not exist in the members of the remote schema union :${quoteAll(unknown)}`,
      );
    }
    return { ...upstream, possibleTypes };
  }

  #restrictEnum(node: EnumTypeDefinitionNode, upstream: RemoteEnumType): RemoteType {
    const nodes = node.values ?? [];
    const { name } = upstream;
    reportRepeated(nodes, (names) =>
      this.#report(`duplicate enum values: ${names} found in the "${name}" enum`),
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
      this.#report(
        `enum "${name}" contains the following enum values that do not exist in the corresponding upstream remote enum: ${quoteAll(unknown)}`,
      );
    }
    return { ...upstream, values };
  }

  #restrictInputObject(
    node: InputObjectTypeDefinitionNode,
    upstream: Extract<RemoteType, { kind: 'input-object' }>,
  ): RemoteType {
    const nodes = node.fields ?? [];
    const { name } = upstream;
    reportRepeated(nodes, (names) =>
      this.#report(`duplicate arguments: ${names}found in the field: "${name}"`),
    );
    const fields = this.#restrictInputs(nodes, upstream.fields, name);
    const missing = missingRequired(upstream.fields, fields);
    if (missing.length > 0) {
      this.#report(
        `field: "${name}" expects the following non nullable arguments to be present: ${quoteAll(missing)}`,
      );
    }
    return { ...upstream, fields };
  }

  #restrictFields(
    nodes: readonly FieldDefinitionNode[],
    upstream: RemoteObjectType | RemoteInterfaceType,
    label: 'Object' | 'Interface',
  ): ReadonlyMap<string, RemoteField> {
    const { name: parent } = upstream;
    reportRepeated(nodes, (names) =>
      this.#report(`duplicate fields: ${names}found in the "${label}" "${parent}"`),
    );
    const fields = new Map<string, RemoteField>();
    for (const node of nodes) {
      const name = node.name.value;
      const field = upstream.fields.get(name);
      if (field === undefined) {
        this.#report(`field "${name}" does not exist in the "${label}": "${parent}"`);
        continue;
      }
      this.#checkDirectives(node.directives, `${label} field`, parent);
      this.#checkType(`"${name}"("${label} field")`, field.type, fromTypeNode(node.type));
      fields.set(name, { ...field, arguments: this.#restrictArguments(node, field) });
    }
    return fields;
  }

  #restrictArguments(
    { arguments: nodes = [] }: FieldDefinitionNode,
    { name, arguments: upstream }: RemoteField,
  ): ReadonlyMap<string, RemoteInputValue> {
    reportRepeated(nodes, (names) =>
      this.#report(`duplicate arguments: ${names}found in the field: "${name}"`),
    );
    const inputs = this.#restrictInputs(nodes, upstream, name);
    const missing = missingRequired(upstream, inputs);
    if (missing.length > 0) {
      this.#report(
        `field: "${name}" expects the following non nullable arguments to be present: ${quoteAll(missing)}`,
      );
    }
    return inputs;
  }

  #restrictInputs(
    nodes: readonly InputValueDefinitionNode[],
    upstream: ReadonlyMap<string, RemoteInputValue>,
    parent: string,
  ): ReadonlyMap<string, RemoteInputValue> {
    const inputs = new Map<string, RemoteInputValue>();
    for (const node of nodes) {
      const name = node.name.value;
      const input = upstream.get(name);
      if (input === undefined) {
        this.#report(`input argument "${name}" does not exist in the input object:"${parent}"`);
        continue;
      }
      this.#checkDirectives(
        node.directives?.filter((item) => !isPreset(item)),
        'Input object argument',
        parent,
      );
      this.#checkType(`"${name}"("Input object argument")`, input.type, fromTypeNode(node.type));
      this.#checkDefault(node, input, parent);
      const preset = readPreset(node, { types: this.#upstream.types, report: this.#report }, parent);
      inputs.set(name, { ...input, preset });
    }
    return inputs;
  }

  #checkType(what: string, expected: RemoteTypeReference, given: RemoteTypeReference): void {
    const [wanted, found] = [typeText(expected), typeText(given)];
    if (wanted !== found) this.#report(`expected type of ${what} to be ${wanted} but received ${found}`);
  }

  /** A default that the document leaves out is the service's. */
  #checkDefault(
    node: InputValueDefinitionNode,
    { name, defaultValue }: RemoteInputValue,
    parent: string,
  ): void {
    if (node.defaultValue === undefined) return;
    const given = print(node.defaultValue);
    const expected = defaultValue === null ? '' : canonical(defaultValue);
    if (given === expected) return;
    this.#report(
      `expected default value of input value: "${name}"of input object "${parent}" to be ${expected} but received ${given}`,
    );
  }

  #checkDirectives(nodes: readonly ConstDirectiveNode[] | undefined, label: string, parent: string): void {
    if (nodes === undefined || nodes.length === 0) return;
    reportRepeated(nodes, (names) =>
      this.#report(`duplicate directives: ${names}found in the "${label}" "${parent}"`),
    );
    for (const node of nodes) {
      const { value: name } = node.name;
      if (isPreset(node)) {
        this.#report(
          'Preset directives can be defined only on INPUT_FIELD_DEFINITION or ARGUMENT_DEFINITION',
        );
      } else if (!this.#upstream.directives.has(name)) {
        this.#missing('Directive', name);
      }
    }
  }

  #missing(label: string, name: string): void {
    this.#report(`"${label}": "${name}" does not exist in the upstream remote schema`);
  }
}

/** Inputs without which the service answers no request, and which the role could not give. */
function missingRequired(
  upstream: ReadonlyMap<string, RemoteInputValue>,
  listed: ReadonlyMap<string, RemoteInputValue>,
): readonly string[] {
  return [...upstream.values()]
    .filter((input) => isRequiredInput(input) && !listed.has(input.name))
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
