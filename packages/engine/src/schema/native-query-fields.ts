/** Root fields of native queries, and relationships that lead to them. Source: spec/graphql-api.md 10. */
import type { TrackedNativeQuery, TrackedTable } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { describe } from './descriptions.ts';
import { field, inputObjectType, inputValue, lazyField, objectType } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { modelArguments } from './logical-model-inputs.ts';
import { isGraphqlName } from './scalars.ts';
import { tableArguments } from './table-inputs.ts';
import { columnField, tableObject } from './table-object.ts';
import type { SelectAccess } from './meanings.ts';
import type { Field, InputValue, ObjectType } from './types.ts';
import { valueTypeOf } from './value-types.ts';

/** Nothing when the role has no permission on the logical model. */
export function* nativeQueryField(context: SchemaContext, query: TrackedNativeQuery): Iterable<Field> {
  const access = accessTo(context, query);
  if (access === null) return;
  yield lazyField(
    query.rootField,
    describe(query.comment, ''),
    { kind: 'native-query', query, access },
    () => required(listOfRequired(rowObject(context, query, access))),
    () => rowsArguments(context, query, access),
  );
}

/** Of a table, or of the rows of a native query. */
export function* queryRelationshipFields(context: SchemaContext, from: TrackedTable): Iterable<Field> {
  for (const relationship of from.queryRelationships.values()) {
    const { name, kind, target } = relationship;
    const access = accessTo(context, target);
    if (access === null || !isGraphqlName(name)) continue;
    const type = rowObject(context, target, access);
    const meaning = { kind: 'query-relationship', relationship, access } as const;
    if (kind === 'object') {
      const inputs = byName(ownArguments(context, target));
      yield field(name, 'An object relationship', nullable(type), meaning, inputs);
    } else {
      const inputs = rowsArguments(context, target, access);
      yield field(name, 'An array relationship', listOfRequired(type), meaning, inputs);
    }
  }
}

/** The rule is that of the logical model, whichever query returns its rows. */
function accessTo(context: SchemaContext, query: TrackedNativeQuery): SelectAccess | null {
  const access = context.selectAccess(query.model);
  return access === null || context.visibleColumns(access).length === 0 ? null : access;
}

/** One type for all queries that return the model, but one of its own for a query with relationships. */
function rowObject(context: SchemaContext, { row }: TrackedNativeQuery, access: SelectAccess): ObjectType {
  return context.once(row, 'object', () =>
    objectType(context.typeName(row), describe(row.comment, ''), () => rowFields(context, row, access)),
  );
}

function* rowFields(context: SchemaContext, row: TrackedTable, access: SelectAccess): Iterable<Field> {
  for (const column of context.visibleColumns(access)) yield columnField(column);
  for (const relationship of row.relationships.values()) {
    const target = context.selectAccess(context.model.tableAt(relationship.target));
    if (target === null || !isGraphqlName(relationship.name)) continue;
    const type = tableObject(context, target);
    if (relationship.kind === 'object') {
      const meaning = { kind: 'object-relationship', relationship, access: target } as const;
      yield field(relationship.name, 'An object relationship', nullable(type), meaning);
    } else {
      const meaning = { kind: 'array-relationship', relationship, access: target } as const;
      const inputs = tableArguments(context, target);
      yield field(relationship.name, 'An array relationship', listOfRequired(type), meaning, inputs);
    }
  }
  yield* queryRelationshipFields(context, row);
}

function rowsArguments(
  context: SchemaContext,
  query: TrackedNativeQuery,
  access: SelectAccess,
): ReadonlyMap<string, InputValue> {
  return byName([...ownArguments(context, query), ...modelArguments(context, access)]);
}

/** `args`, unless the query takes nothing; required even where all of them may be left out. */
function ownArguments(context: SchemaContext, query: TrackedNativeQuery): readonly InputValue[] {
  if (query.arguments.length === 0) return [];
  return context.once(query, 'own-arguments', () => {
    const naming = context.namingOf(query.model);
    const description = `${query.name}Native Query Arguments`;
    const type = inputObjectType(naming.typeName({ custom: query.name }, 'arguments'), description, () =>
      query.arguments.flatMap(({ name, type: pgType, isNullable, description: given }, position) => {
        const value = valueTypeOf(context, naming, pgType);
        if (value === null) return [];
        const text = given ?? `Native Query argument ${name}`;
        const reference = isNullable ? value.nullable : value.required;
        return [inputValue(name, text, reference, { kind: 'function-argument', position })];
      }),
    );
    return [inputValue('args', description, required(type), { kind: 'function-arguments' })];
  });
}
