import type { RemoteSchemaAccess } from '../model/index.ts';
import type { DelegatedField, DelegatedItem, DelegatedSelection } from '../plan/index.ts';
import { namedTypeOf, type RemoteField } from '../remote-schemas/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import { InputPrinter, originalName, type PrintOptions } from './inputs.ts';
import { printArguments } from './print-value.ts';
import type { SentField, SentItem, SentJoinedField, SentSelection } from './sent.ts';
import type { SentVariables } from './variables.ts';

/** The field `name` of the service's type `parent`; rows give the arguments in `fixed`. */
export interface JoinedPlace {
  readonly parent: string;
  readonly name: string;
  readonly fixed: ReadonlySet<string>;
}

/** A field in the service's words. */
interface OriginalField {
  readonly parent: string;
  readonly name: string;
}

interface Printed<T> {
  readonly text: string;
  readonly item: T;
}

interface PrintedItem extends Printed<SentItem> {
  /** The service's type whose field it is; for what all types have one of those that apply. */
  readonly parent: string;
}

const typenameKey = '__hasura_internal_typename';

/** Prints fields with what is selected below them, under the service's names. The variables of all that it prints are together. */
export class FieldPrinter {
  readonly #access: RemoteSchemaAccess;
  readonly #inputs: InputPrinter;

  constructor(access: RemoteSchemaAccess, options: PrintOptions, reserved: Iterable<string>) {
    this.#access = access;
    this.#inputs = new InputPrinter(access, options, reserved);
  }

  get variables(): SentVariables {
    return this.#inputs.variables;
  }

  /** @param original the field in the service's words */
  printField(
    { key, arguments: given, selection }: DelegatedField,
    original: OriginalField,
  ): { readonly text: string; readonly field: SentField } {
    const definition = this.#definitionOf(original);
    const alias = key === original.name ? '' : `${key}: `;
    const inputs = printArguments(this.#inputs.printArguments(given, definition.arguments));
    const head = `${alias}${original.name}${inputs} `;
    if (selection === null) return { text: head, field: { kind: 'field', key, selection: null } };
    const below = this.#printSelection(selection, namedTypeOf(definition.type));
    return { text: head + below.text, field: { kind: 'field', key, selection: below.item } };
  }

  printJoinedField(
    { arguments: given, selection }: DelegatedField,
    place: JoinedPlace,
  ): Omit<SentJoinedField, 'variables' | 'before'> {
    const definition = this.#definitionOf(place);
    const isFixed = (name: string) => place.fixed.has(name);
    const others = this.#argumentsBeside(place);
    const shared = given.filter((member) => isFixed(originalName(member)));
    const own = given.filter((member) => !isFixed(originalName(member)));
    const below = selection === null ? null : this.#printSelection(selection, namedTypeOf(definition.type));
    return {
      arguments: this.#inputs.printArguments(own, others),
      shared: new Map(shared.map((member) => [originalName(member), member.value])),
      selectionText: ` ${below?.text ?? ''}`,
      selection: below?.item ?? null,
    };
  }

  /** What is sent to a field for which the client gives nothing. */
  printPresets(place: JoinedPlace): readonly (readonly [name: string, text: string])[] {
    return this.#inputs.printArguments([], this.#argumentsBeside(place));
  }

  #argumentsBeside(place: JoinedPlace): RemoteField['arguments'] {
    const { arguments: definitions } = this.#definitionOf(place);
    return new Map([...definitions].filter(([name]) => !place.fixed.has(name)));
  }

  #definitionOf({ parent, name }: OriginalField): RemoteField {
    const definition = this.#fieldsOf(parent)?.get(name);
    if (definition !== undefined) return definition;
    throw new InvariantError(`the remote schema has no field "${parent}.${name}"`);
  }

  #fieldsOf(typeName: string): ReadonlyMap<string, RemoteField> | null {
    const type = this.#access.typeSystem.types.get(typeName);
    return type?.kind === 'object' || type?.kind === 'interface' ? type.fields : null;
  }

  #printSelection(selection: DelegatedSelection, typeName: string): Printed<SentSelection> {
    return selection.type.kind === 'object'
      ? this.#printObjectSelection(selection, typeName)
      : this.#printAbstractSelection(selection, typeName);
  }

  #printObjectSelection({ type, byType }: DelegatedSelection, typeName: string): Printed<SentSelection> {
    const items = this.#printItems(byType.get(type.name) ?? [], [typeName]);
    const other = itemsOf(items);
    return {
      text: block(items.map(({ text }) => text)),
      item: {
        typeName: type.name,
        discriminator: null,
        byType: new Map(),
        groups: [],
        groupOf: new Map(),
        other,
      },
    };
  }

  /** What is selected of every type stands once, and what is selected of some types only in a fragment on them. */
  #printAbstractSelection(
    { type, byType, groups, groupOf, other }: DelegatedSelection,
    typeName: string,
  ): Printed<SentSelection> {
    const { naming } = this.#access.schema;
    const common = this.#printItems(other, [typeName]);
    const fragments: string[] = [];
    const itemsByType = new Map<string, readonly SentItem[]>();
    for (const [ours, selected] of byType) {
      const original = naming.originalTypeName(ours);
      const items = this.#printItems(selected, [original]);
      if (isSame(items, common)) continue;
      fragments.push(...fragmentsOn([original], items, common));
      itemsByType.set(original, itemsOf(items));
    }
    const ofGroups = groups.map(({ conditions, items: selected }) => {
      const originals = conditions.map((ours) => naming.originalTypeName(ours));
      const items = this.#printItems(selected, [typeName, ...originals]);
      fragments.push(...fragmentsOn(originals, items, common));
      return itemsOf(items);
    });
    const parts = [...common.map(({ text }) => text), ...fragments];
    const told = common.find(({ item }) => item.kind === 'typename')?.item.key;
    const discriminator = itemsByType.size + ofGroups.length === 0 ? null : (told ?? typenameKey);
    if (discriminator === typenameKey) parts.unshift(`${typenameKey}: __typename `);
    return {
      text: block(parts),
      item: {
        typeName: type.name,
        discriminator,
        byType: itemsByType,
        groups: ofGroups,
        groupOf,
        other: itemsOf(common),
      },
    };
  }

  /** @param parents the first of them that has a field is the one whose field is meant */
  #printItems(items: readonly DelegatedItem[], parents: readonly string[]): readonly PrintedItem[] {
    const keys = new Set(items.map(({ key }) => key));
    const parent = parents.at(-1);
    if (parent === undefined) throw new InvariantError('a selection is on a type');
    return items.map((item): PrintedItem => {
      switch (item.kind) {
        case 'typename':
          return { text: `${aliased(item.key, '__typename')} `, item, parent };
        case 'field': {
          const { meaning } = item.field.definition;
          if (meaning.kind !== 'delegated-field') {
            throw new InvariantError(`field "${item.field.name}" (${meaning.kind}) is none of a service`);
          }
          const { name } = meaning;
          const owner = parents.find((candidate) => this.#fieldsOf(candidate)?.has(name)) ?? parent;
          const { text, field } = this.printField(item.field, { parent: owner, name });
          return { text, item: field, parent: owner };
        }
        case 'join': {
          const valueKeys = item.fields.map((field) => freeKey(`${field}_join_column`, keys));
          const text = item.fields.map((field, index) => `${valueKeys[index]}: ${field} `).join(' ');
          return { text, item: { kind: 'join', key: item.key, valueKeys, join: item.join }, parent };
        }
        default:
          return unreachable(item);
      }
    });
  }
}

/** Whether the same is selected in the same order: in another order it is another answer. */
function isSame(items: readonly PrintedItem[], common: readonly PrintedItem[]): boolean {
  return items.length === common.length && items.every(({ text }, index) => text === common[index]?.text);
}

function itemsOf(printed: readonly PrintedItem[]): readonly SentItem[] {
  return printed.map(({ item }) => item);
}

/** Fragments for objects to which all of the types apply, of what is not selected anyway; none for nothing. */
function fragmentsOn(
  types: readonly string[],
  items: readonly PrintedItem[],
  common: readonly PrintedItem[],
): readonly string[] {
  const texts = new Set(common.map(({ text }) => text));
  const byParent = new Map<string, string[]>();
  for (const { text, parent } of items) {
    if (texts.has(text)) continue;
    const known = byParent.get(parent);
    if (known === undefined) byParent.set(parent, [text]);
    else known.push(text);
  }
  // fields stand in a fragment on the type that has them, and that one within those on the others
  return [...byParent].map(([parent, own]) =>
    [...types.filter((type) => type !== parent), parent].reduceRight(
      (inner, type, index, all) =>
        index === all.length - 1 ? `... on ${type}${inner}` : `... on ${type}{ ${inner} }`,
      block(own),
    ),
  );
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
