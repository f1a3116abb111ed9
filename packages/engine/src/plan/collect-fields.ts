import { type ArgumentNode, type FieldNode, Kind, type SelectionSetNode, type ValueNode } from 'graphql';
import type { AbstractType, Field, ObjectType } from '../schema/index.ts';
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
  return collect(type, null, selectionSets, path, context);
}

/**
 * The fields of a selection on an interface or union when the value turns out to be a `concrete` object, one of its possible types.
 * What stands outside of fragments must be a field of the interface.
 */
export function collectFieldsOf(
  abstract: AbstractType,
  concrete: ObjectType,
  selectionSets: readonly SelectionSetNode[],
  path: Path,
  context: PlanContext,
): readonly SelectedField[] {
  return collect(concrete, abstract, selectionSets, path, context);
}

function collect(
  type: ObjectType,
  abstract: AbstractType | null,
  selectionSets: readonly SelectionSetNode[],
  path: Path,
  context: PlanContext,
): readonly SelectedField[] {
  const selectionPath = path.child('selectionSet');
  if (selectionSets.length === 0) {
    throw fault(selectionPath, `missing selection set for '${(abstract ?? type).name}'`);
  }
  const collection: Collection = {
    type,
    abstract,
    path: selectionPath,
    context,
    nodesByKey: new Map(),
    visitedFragments: new Set(),
  };
  for (const selectionSet of selectionSets) collectSelections(selectionSet, abstract, collection);
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

/** The same for a field that is an interface or union, when its value turns out to be a `concrete` object. */
export function withFieldsOf<T>(
  selected: DefinedField,
  concrete: ObjectType,
  context: PlanContext,
  use: (fields: readonly SelectedField[]) => T,
): T {
  const type = namedType(selected.field.type);
  if (type.kind !== 'interface' && type.kind !== 'union') {
    throw new InvariantError(`field '${selected.field.name}' has one type`);
  }
  return nested(context, selected.path, () =>
    use(collectFieldsOf(type, concrete, selected.selectionSets, selected.path, context)),
  );
}

/** The types that fragments of a selection are on, at whatever depth of fragments. */
export function typeConditions(
  selectionSets: readonly SelectionSetNode[],
  path: Path,
  context: PlanContext,
): ReadonlySet<string> {
  const conditions = new Set<string>();
  const spread = new Set<string>();
  const visit = ({ selections }: SelectionSetNode): void => {
    spend(context, path, selections.length);
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (selection.typeCondition !== undefined) conditions.add(selection.typeCondition.name.value);
        visit(selection.selectionSet);
      } else if (selection.kind === Kind.FRAGMENT_SPREAD && !spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = context.operation.fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        conditions.add(fragment.typeCondition.name.value);
        visit(fragment.selectionSet);
      }
    }
  };
  selectionSets.forEach(visit);
  return conditions;
}

/** Refuses a selection below a leaf. */
export function expectLeaf({ selectionSets, path }: SelectedField): void {
  if (selectionSets.length > 0) throw fault(path, 'unexpected subselection set for non-object field');
}

interface Collection {
  readonly type: ObjectType;
  /** What the selection is on when that is not the type itself. */
  readonly abstract: AbstractType | null;
  readonly path: Path;
  readonly context: PlanContext;
  readonly nodesByKey: Map<string, [FieldNode, ...FieldNode[]]>;
  /** A fragment that is spread again adds nothing; without this, repeated spreads would multiply. */
  readonly visitedFragments: Set<string>;
}

/** `scope` is the abstract type whose fields the selection set itself may name; null: those of the concrete type. */
function collectSelections(
  selectionSet: SelectionSetNode,
  scope: AbstractType | null,
  collection: Collection,
): void {
  const { context, path } = collection;
  for (const selection of selectionSet.selections) {
    spend(context, path);
    if (!isSelected(selection, path, context)) continue;
    switch (selection.kind) {
      case Kind.FIELD:
        if (scope !== null) checkAbstractField(selection, scope, collection);
        addField(selection, collection);
        break;
      case Kind.INLINE_FRAGMENT:
        collectFragment(selection.typeCondition?.name.value, selection.selectionSet, scope, collection);
        break;
      case Kind.FRAGMENT_SPREAD:
        collectSpread(selection.name.value, scope, collection);
        break;
    }
  }
}

function collectSpread(name: string, scope: AbstractType | null, collection: Collection): void {
  if (collection.visitedFragments.has(name)) return;
  collection.visitedFragments.add(name);
  const fragment = collection.context.operation.fragments.get(name);
  if (fragment === undefined) throw new InvariantError(`fragment "${name}" was not checked to exist`);
  collectFragment(fragment.typeCondition.name.value, fragment.selectionSet, scope, collection);
}

/** A condition on another type is skipped in silence. */
function collectFragment(
  typeCondition: string | undefined,
  selectionSet: SelectionSetNode,
  scope: AbstractType | null,
  collection: Collection,
): void {
  const inner = typeCondition === undefined ? scope : scopeOf(typeCondition, collection);
  if (inner !== undefined) collectSelections(selectionSet, inner, collection);
}

/** What a fragment on the type selects from; undefined when it does not apply. */
function scopeOf(typeCondition: string, { type, abstract }: Collection): AbstractType | null | undefined {
  if (typeCondition === type.name) return null;
  if (typeCondition === abstract?.name) return abstract;
  const isMeant = ({ name }: AbstractType): boolean => name === typeCondition;
  return type.interfaces.find(isMeant) ?? type.unions?.find(isMeant);
}

/**
 * A field of a concrete type needs a fragment on it; a union has no fields of its own. What is told is the first concrete type that lacks the field, as
 * v2 does, which looks at a selection once for each of them.
 */
function checkAbstractField({ name }: FieldNode, scope: AbstractType, { abstract, path }: Collection): void {
  if (name.value === '__typename' || (scope.kind === 'interface' && scope.fields.has(name.value))) return;
  const possible = abstract?.possibleTypes.filter((type) => scope.possibleTypes.includes(type));
  const lacking = possible?.find(({ fields }) => !fields.has(name.value)) ?? scope;
  throw fault(path.child(name.value), `field '${name.value}' not found in type: '${lacking.name}'`);
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
  const field = type.metaFields?.get(name) ?? type.fields.get(name);
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
