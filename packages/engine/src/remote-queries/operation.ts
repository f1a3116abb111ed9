/** The operation that a service is sent for one of its root fields, and how to read the answer. */
import { Kind, print, type TypeNode } from 'graphql';
import type { RemoteSchemaAccess } from '../model/index.ts';
import type {
  DelegatedField,
  DelegatedItem,
  DelegatedMember,
  DelegatedSelection,
  DelegatedValue,
  DelegatedVariable,
  Join,
} from '../plan/index.ts';
import {
  hiddenValue,
  isHiddenInput,
  isRequiredInput,
  namedTypeOf,
  type PresetValue,
  presetMembers,
  type RemoteField,
  type RemoteInputValue,
  type RemoteOperation,
  type RemoteTypeReference,
  typeText,
} from '../remote-schemas/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import { holdsPresets, withPresets } from './presets.ts';
import { printArguments, printJson, printList, printObject } from './print-value.ts';
import { type SentVariable, SentVariables } from './variables.ts';

export interface SentOperation {
  /** The selection set, `{ alias: field(…) … }`. */
  readonly selectionText: string;
  readonly variables: readonly SentVariable[];
  /** The one root field. */
  readonly field: SentField;
}

export interface SentField {
  readonly kind: 'field';
  /** In the service's answer and in ours. */
  readonly key: string;
  /** Null for leaves. */
  readonly selection: SentSelection | null;
}

export type SentItem =
  | SentField
  | { readonly kind: 'typename'; readonly key: string }
  | {
      readonly kind: 'join';
      readonly key: string;
      /** Where the answer has the values that it joins by. */
      readonly valueKeys: readonly string[];
      readonly join: Join;
    };

export interface SentSelection {
  /** Our name of the type that the field is declared with. */
  readonly typeName: string;
  /** Where the answer tells an object's type; null when that makes no difference. */
  readonly discriminator: string | null;
  /** By the service's type name. */
  readonly byType: ReadonlyMap<string, readonly SentItem[]>;
  /** For every other type. */
  readonly other: readonly SentItem[];
}

export interface PrintOptions {
  /** Arguments and members that are null are left out. */
  readonly skipsNulls: boolean;
}

/** Source of the text's form: spec/remote-schemas.md 6.2. */
export function makeOperation(
  root: DelegatedField,
  target: {
    readonly access: RemoteSchemaAccess;
    readonly operation: RemoteOperation;
    readonly field: string;
  },
  options: PrintOptions,
): SentOperation {
  const rootType = target.access.typeSystem.roots[target.operation];
  if (rootType === null) throw new InvariantError(`the remote schema has no ${target.operation} root`);
  const printer = new Printer(target.access, options, variableNames(root));
  const { text, field } = printer.printField(root, { parent: rootType, name: target.field });
  return { selectionText: `{ ${text} }`, variables: printer.variables.all, field };
}

/** A field below a row of another place: its printed parts, between which the arguments that the row gives are put. */
export interface SentJoinedField {
  /** Arguments that are the same for all rows, by the service's names. */
  readonly arguments: readonly (readonly [name: string, text: string])[];
  /** What the client gives of arguments that rows give a part of, too. */
  readonly shared: ReadonlyMap<string, DelegatedValue>;
  /** ` { … }`, or a space. */
  readonly selectionText: string;
  readonly variables: readonly SentVariable[];
  readonly selection: SentSelection | null;
}

/** The field `name` of the service's type `parent`; rows give the arguments in `fixed`. */
export function makeJoinedField(
  field: DelegatedField,
  access: RemoteSchemaAccess,
  place: { readonly parent: string; readonly name: string; readonly fixed: ReadonlySet<string> },
  options: PrintOptions,
): SentJoinedField {
  const printer = new Printer(access, options, variableNames(field));
  return { ...printer.printJoinedField(field, place), variables: printer.variables.all };
}

interface Printed<T> {
  readonly text: string;
  readonly item: T;
}

const typenameKey = '__hasura_internal_typename';

class Printer {
  readonly variables: SentVariables;
  readonly #access: RemoteSchemaAccess;
  readonly #options: PrintOptions;

  constructor(access: RemoteSchemaAccess, options: PrintOptions, reserved: Iterable<string>) {
    this.#access = access;
    this.#options = options;
    this.variables = new SentVariables(reserved);
  }

  /** @param original the field in the service's words */
  printField(
    { key, arguments: given, selection }: DelegatedField,
    original: { readonly parent: string; readonly name: string },
  ): { readonly text: string; readonly field: SentField } {
    const definition = this.#definitionOf(original);
    const alias = key === original.name ? '' : `${key}: `;
    const head = `${alias}${original.name}${this.#printArguments(given, definition.arguments)} `;
    if (selection === null) return { text: head, field: { kind: 'field', key, selection: null } };
    const below = this.#printSelection(selection, namedTypeOf(definition.type));
    return { text: head + below.text, field: { kind: 'field', key, selection: below.item } };
  }

  printJoinedField(
    { arguments: given, selection }: DelegatedField,
    place: { readonly parent: string; readonly name: string; readonly fixed: ReadonlySet<string> },
  ): Omit<SentJoinedField, 'variables'> {
    const definition = this.#definitionOf(place);
    const isFixed = (name: string) => place.fixed.has(name);
    const others = new Map([...definition.arguments].filter(([name]) => !isFixed(name)));
    const shared = given.filter((member) => isFixed(originalName(member)));
    const own = given.filter((member) => !isFixed(originalName(member)));
    const below = selection === null ? null : this.#printSelection(selection, namedTypeOf(definition.type));
    return {
      arguments: this.#printMembers(own, others, 'arguments'),
      shared: new Map(shared.map((member) => [originalName(member), member.value])),
      selectionText: ` ${below?.text ?? ''}`,
      selection: below?.item ?? null,
    };
  }

  #definitionOf({ parent, name }: { readonly parent: string; readonly name: string }): RemoteField {
    const type = this.#access.typeSystem.types.get(parent);
    const hasFields = type?.kind === 'object' || type?.kind === 'interface';
    const definition = hasFields ? type.fields.get(name) : undefined;
    if (definition !== undefined) return definition;
    throw new InvariantError(`the remote schema has no field "${parent}.${name}"`);
  }

  #printSelection(selection: DelegatedSelection, typeName: string): Printed<SentSelection> {
    return selection.type.kind === 'object'
      ? this.#printObjectSelection(selection, typeName)
      : this.#printAbstractSelection(selection, typeName);
  }

  #printObjectSelection({ type, byType }: DelegatedSelection, typeName: string): Printed<SentSelection> {
    const items = this.#printItems(byType.get(type.name) ?? [], typeName);
    const other = items.map(({ item }) => item);
    return {
      text: block(items.map(({ text }) => text)),
      item: { typeName: type.name, discriminator: null, byType: new Map(), other },
    };
  }

  /** What is selected of every type stands once, and what is selected of one type only in a fragment on it. */
  #printAbstractSelection(
    { type, byType, other }: DelegatedSelection,
    typeName: string,
  ): Printed<SentSelection> {
    const { naming } = this.#access.schema;
    const common = this.#printItems(other, typeName);
    const texts = new Set(common.map(({ text }) => text));
    const fragments: string[] = [];
    const itemsByType = new Map<string, readonly SentItem[]>();
    for (const [ours, selected] of byType) {
      const original = naming.originalTypeName(ours);
      const items = this.#printItems(selected, original);
      // the same in another order is another answer
      const isCommon =
        items.length === common.length && items.every(({ text }, index) => text === common[index]?.text);
      if (isCommon) continue;
      const own = items.filter(({ text }) => !texts.has(text));
      if (own.length > 0) fragments.push(`... on ${original}${block(own.map(({ text }) => text))}`);
      itemsByType.set(
        original,
        items.map(({ item }) => item),
      );
    }
    const parts = [...common.map(({ text }) => text), ...fragments];
    const told = common.find(({ item }) => item.kind === 'typename')?.item.key;
    const discriminator = itemsByType.size === 0 ? null : (told ?? typenameKey);
    if (discriminator === typenameKey) parts.unshift(`${typenameKey}: __typename `);
    return {
      text: block(parts),
      item: {
        typeName: type.name,
        discriminator,
        byType: itemsByType,
        other: common.map(({ item }) => item),
      },
    };
  }

  #printItems(items: readonly DelegatedItem[], typeName: string): readonly Printed<SentItem>[] {
    const keys = new Set(items.map(({ key }) => key));
    return items.map((item): Printed<SentItem> => {
      switch (item.kind) {
        case 'typename':
          return { text: `${aliased(item.key, '__typename')} `, item };
        case 'field': {
          const { meaning } = item.field.definition;
          if (meaning.kind !== 'delegated-field') {
            throw new InvariantError(`field "${item.field.name}" (${meaning.kind}) is none of a service`);
          }
          const { text, field } = this.printField(item.field, { parent: typeName, name: meaning.name });
          return { text, item: field };
        }
        case 'join': {
          const valueKeys = item.fields.map((field) => freeKey(`${field}_join_column`, keys));
          const text = item.fields.map((field, index) => `${valueKeys[index]}: ${field} `).join(' ');
          return { text, item: { kind: 'join', key: item.key, valueKeys, join: item.join } };
        }
        default:
          return unreachable(item);
      }
    });
  }

  #printArguments(
    given: readonly DelegatedMember[],
    definitions: ReadonlyMap<string, RemoteInputValue>,
  ): string {
    return printArguments(this.#printMembers(given, definitions, 'arguments'));
  }

  #printMembers(
    given: readonly DelegatedMember[],
    definitions: ReadonlyMap<string, RemoteInputValue>,
    place: 'arguments' | 'object',
  ): readonly (readonly [string, string])[] {
    const { types } = this.#access.typeSystem;
    const printed: (readonly [string, string])[] = [];
    const presets = new Map<string, PresetValue>();
    for (const definition of definitions.values()) {
      const { name } = definition;
      const member = given.find((candidate) => originalName(candidate) === name);
      const isGiven = member !== undefined && member.value.kind !== 'null';
      if (isHiddenInput(definition, types)) {
        presets.set(name, hiddenValue(definition, types));
      } else if (place === 'arguments' && !isGiven && this.#canBePresetsOnly(definition)) {
        // leaving the argument out does not get around what is preset in it
        presets.set(name, { kind: 'object', members: presetMembers(definition.type, types) });
      }
    }
    for (const member of given) {
      const name = originalName(member);
      const definition = definitions.get(name);
      if (definition === undefined) throw new InvariantError(`the remote schema has no input "${name}"`);
      if (presets.has(name)) continue;
      if (member.value.kind === 'null' && this.#options.skipsNulls) continue;
      printed.push([name, this.#printValue(member.value, definition.type)]);
    }
    for (const [name, preset] of presets) {
      const definition = definitions.get(name);
      if (definition !== undefined) printed.push([name, this.#printPreset(preset, definition.type)]);
    }
    return printed;
  }

  /** Whether an argument that is not given is sent with what is preset in it: not when the client would have to give the rest. */
  #canBePresetsOnly({ type }: RemoteInputValue): boolean {
    const { types } = this.#access.typeSystem;
    const inner = type.kind === 'non-null' ? type.of : type;
    const named = inner.kind === 'named' ? types.get(inner.name) : undefined;
    if (named?.kind !== 'input-object' || presetMembers(inner, types).size === 0) return false;
    return ![...named.fields.values()].some(
      (field) => isRequiredInput(field) && !isHiddenInput(field, types),
    );
  }

  #printValue(value: DelegatedValue, type: RemoteTypeReference): string {
    switch (value.kind) {
      case 'null':
        return 'null';
      case 'literal':
        return printJson(value.value);
      case 'enum':
        return value.name;
      case 'variable':
        return this.#printVariable(value, type);
      case 'list': {
        const inner = type.kind === 'non-null' ? type.of : type;
        const of = inner.kind === 'list' ? inner.of : inner;
        return printList(value.items.map((item) => this.#printValue(item, of)));
      }
      case 'object': {
        const named = this.#access.typeSystem.types.get(namedTypeOf(type));
        if (named?.kind !== 'input-object') throw new InvariantError(`"${typeText(type)}" has no members`);
        return printObject(this.#printMembers(value.members, named.fields, 'object'));
      }
    }
  }

  #printVariable({ name, declaredType, read }: DelegatedVariable, type: RemoteTypeReference): string {
    const { typeSystem } = this.#access;
    const hasPresets = holdsPresets(type, typeSystem);
    this.variables.add({
      name,
      type: this.#originalType(declaredType),
      readValue: ({ session, variables }) => {
        const value = read(variables?.[name] ?? null);
        return hasPresets ? withPresets(value, type, typeSystem, session) : value;
      },
    });
    return `$${name}`;
  }

  #originalType(node: TypeNode): string {
    switch (node.kind) {
      case Kind.NAMED_TYPE:
        return this.#access.schema.naming.originalTypeName(node.name.value);
      case Kind.LIST_TYPE:
        return `[${this.#originalType(node.type)}]`;
      case Kind.NON_NULL_TYPE:
        return `${this.#originalType(node.type)}!`;
      default:
        throw new InvariantError(`"${print(node)}" is no type`);
    }
  }

  #printPreset(preset: PresetValue, type: RemoteTypeReference): string {
    switch (preset.kind) {
      case 'null':
        return 'null';
      case 'literal':
        return printJson(preset.value);
      case 'enum':
        return preset.name;
      case 'session':
        return `$${this.variables.addSession(preset, typeText(type))}`;
      case 'list': {
        const inner = type.kind === 'non-null' ? type.of : type;
        const of = inner.kind === 'list' ? inner.of : inner;
        return printList(preset.items.map((item) => this.#printPreset(item, of)));
      }
      case 'object': {
        const named = this.#access.schema.typeSystem.types.get(namedTypeOf(type));
        if (named?.kind !== 'input-object') throw new InvariantError(`"${typeText(type)}" has no members`);
        const members: (readonly [string, string])[] = [];
        for (const [name, member] of preset.members) {
          const definition = named.fields.get(name);
          if (definition !== undefined) members.push([name, this.#printPreset(member, definition.type)]);
        }
        return printObject(members);
      }
    }
  }
}

/** Selections joined by one space; a selection of nothing asks for the type, because a service wants one. */
function block(parts: readonly string[]): string {
  return parts.length === 0 ? `{ ${typenameKey}: __typename  }` : `{ ${parts.join(' ')} }`;
}

function aliased(key: string, name: string): string {
  return key === name ? name : `${key}: ${name}`;
}

function freeKey(wanted: string, keys: Set<string>): string {
  let key = wanted;
  while (keys.has(key)) key += '_';
  return key;
}

function originalName({ definition: { name, meaning } }: DelegatedMember): string {
  if (meaning.kind === 'delegated') return meaning.name;
  throw new InvariantError(`input "${name}" (${meaning.kind}) is none of a service`);
}

/** Of the client's variables that stand anywhere in the field. */
function variableNames(field: DelegatedField): ReadonlySet<string> {
  const names = new Set<string>();
  const visitValue = (value: DelegatedValue): void => {
    if (value.kind === 'variable') names.add(value.name);
    else if (value.kind === 'list') value.items.forEach(visitValue);
    else if (value.kind === 'object') for (const member of value.members) visitValue(member.value);
  };
  const visit = ({ arguments: given, selection }: DelegatedField): void => {
    for (const member of given) visitValue(member.value);
    if (selection === null) return;
    for (const items of [...selection.byType.values(), selection.other]) {
      for (const item of items) if (item.kind === 'field') visit(item.field);
    }
  };
  visit(field);
  return names;
}
