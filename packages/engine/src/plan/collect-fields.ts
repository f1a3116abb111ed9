import { type ArgumentNode, type FieldNode, Kind, type SelectionSetNode, type ValueNode } from 'graphql';
import type { Field, ObjectType } from '../schema/index.ts';
import { InvariantError, type Path } from '../support/index.ts';
import { fault, nested, type PlanContext, spend } from './context.ts';
import { isSelected } from './directives.ts';
import { namedType } from './type-text.ts';

/** A field of a selection, with all selection sets that its response key has collected. */
export interface SelectedField {
  readonly responseKey: string;
  /** Null: `__typename`. */
  readonly field: Field | null;
  readonly arguments: readonly ArgumentNode[];
  readonly selectionSets: readonly SelectionSetNode[];
  /** `$.….selectionSet.author`: by name, not by alias. */
  readonly path: Path;
}

/** A selected field other than `__typename`. */
export type DefinedField = SelectedField & { readonly field: Field };

/**
 * The fields of an object's selection in response order: fragments are put in place, directives evaluated, equal response keys merged.
 * `path` is that of the field (or the operation) that has the selection. Source: spec/graphql-api.md 12.1.
 */
export function collectFields(
  type: ObjectType,
  selectionSets: readonly SelectionSetNode[],
  path: Path,
  context: PlanContext,
): readonly SelectedField[] {
  const selectionPath = path.child('selectionSet');
  if (selectionSets.length === 0) throw fault(selectionPath, `missing selection set for '${type.name}'`);
  const collection: Collection = {
    type,
    path: selectionPath,
    context,
    nodesByKey: new Map(),
    visitedFragments: new Set(),
  };
  for (const selectionSet of selectionSets) collectSelections(selectionSet, collection);
  return [...collection.nodesByKey].map(([responseKey, nodes]) => {
    const [first] = nodes;
    const name = first.name.value;
    const fieldPath = selectionPath.child(name);
    return {
      responseKey,
      field: name === '__typename' ? null : findField(type, name, fieldPath, context),
      arguments: first.arguments ?? [],
      selectionSets: nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet])),
      path: fieldPath,
    };
  });
}

/** Collects below a field that is an object, one level deeper. */
export function withFieldsBelow<T>(
  selected: SelectedField,
  context: PlanContext,
  use: (fields: readonly SelectedField[], type: ObjectType) => T,
): T {
  const type = selected.field === null ? null : namedType(selected.field.type);
  if (type === null || type.kind !== 'object') {
    throw new InvariantError(`field '${selected.field?.name}' is no object`);
  }
  return nested(context, selected.path, () =>
    use(collectFields(type, selected.selectionSets, selected.path, context), type),
  );
}

/** Refuses a selection below a leaf. */
export function expectLeaf({ selectionSets, path }: SelectedField): void {
  if (selectionSets.length > 0) throw fault(path, 'unexpected subselection set for non-object field');
}

interface Collection {
  readonly type: ObjectType;
  readonly path: Path;
  readonly context: PlanContext;
  readonly nodesByKey: Map<string, [FieldNode, ...FieldNode[]]>;
  /** A fragment that is spread again adds nothing; without this, repeated spreads would multiply. */
  readonly visitedFragments: Set<string>;
}

function collectSelections(selectionSet: SelectionSetNode, collection: Collection): void {
  const { context, path } = collection;
  for (const selection of selectionSet.selections) {
    spend(context, path);
    if (!isSelected(selection, path, context)) continue;
    switch (selection.kind) {
      case Kind.FIELD:
        addField(selection, collection);
        break;
      case Kind.INLINE_FRAGMENT:
        if (applies(selection.typeCondition?.name.value, collection)) {
          collectSelections(selection.selectionSet, collection);
        }
        break;
      case Kind.FRAGMENT_SPREAD:
        collectFragment(selection.name.value, collection);
        break;
    }
  }
}

function collectFragment(name: string, collection: Collection): void {
  if (collection.visitedFragments.has(name)) return;
  collection.visitedFragments.add(name);
  const fragment = collection.context.operation.fragments.get(name);
  if (fragment === undefined) throw new InvariantError(`fragment "${name}" was not checked to exist`);
  if (!applies(fragment.typeCondition.name.value, collection)) return;
  collectSelections(fragment.selectionSet, collection);
}

/** A condition on another type is skipped in silence. */
function applies(typeCondition: string | undefined, collection: Collection): boolean {
  return typeCondition === undefined || typeCondition === collection.type.name;
}

function addField(node: FieldNode, { nodesByKey, path }: Collection): void {
  const key = node.alias?.value ?? node.name.value;
  const nodes = nodesByKey.get(key);
  if (nodes === undefined) {
    nodesByKey.set(key, [node]);
    return;
  }
  const [first] = nodes;
  if (first.name.value !== node.name.value) {
    throw fault(
      path,
      `selection of both '${first.name.value}' and '${node.name.value}' specify the same response name, '${key}'`,
    );
  }
  if (!haveEqualArguments(first.arguments ?? [], node.arguments ?? [])) {
    throw fault(path, `inconsistent arguments between multiple selections of field '${node.name.value}'`);
  }
  nodes.push(node);
}

function findField(type: ObjectType, name: string, path: Path, context: PlanContext): Field {
  const field = type.fields.get(name);
  if (field !== undefined) return field;
  // Only a schema whose introspection is switched off lacks these two.
  if (type === context.schema.queryRoot && (name === '__schema' || name === '__type')) {
    throw fault(path, `introspection is disabled for role: "${context.schema.role}"`);
  }
  throw fault(path, `field '${name}' not found in type: '${type.name}'`);
}

type Named = { readonly name: { readonly value: string }; readonly value: ValueNode };

/** In any order. Variables are equal when they are the same variable, so that no value decides. */
function haveEqualArguments(left: readonly Named[], right: readonly Named[]): boolean {
  if (left.length !== right.length) return false;
  if (left.length === 0) return true;
  const valuesByName = new Map(right.map(({ name, value }) => [name.value, value]));
  return left.every(({ name, value }) => {
    const other = valuesByName.get(name.value);
    return other !== undefined && areEqual(value, other);
  });
}

function areEqual(left: ValueNode, right: ValueNode): boolean {
  switch (left.kind) {
    case Kind.NULL:
      return right.kind === Kind.NULL;
    case Kind.VARIABLE:
      return right.kind === Kind.VARIABLE && left.name.value === right.name.value;
    case Kind.LIST:
      return (
        right.kind === Kind.LIST &&
        left.values.length === right.values.length &&
        left.values.every((value, index) => {
          const other = right.values[index];
          return other !== undefined && areEqual(value, other);
        })
      );
    case Kind.OBJECT:
      return right.kind === Kind.OBJECT && haveEqualArguments(left.fields, right.fields);
    default:
      return left.kind === right.kind && 'value' in right && left.value === right.value;
  }
}
