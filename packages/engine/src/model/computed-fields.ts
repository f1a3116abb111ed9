/**
 * Computed fields: functions of a row. Source: spec/graphql-api.md 9.2.
 */
import { type CatalogFunction, type QualifiedName, qualifiedKey } from '../catalog/index.ts';
import type { ComputedFieldMetadata } from '../metadata/index.ts';
import { clientArguments, describeName, describeType, functionCaller } from '../permissions/index.ts';
import { inconsistentComputedField } from './inconsistency.ts';
import { isGraphqlName } from './naming.ts';
import { becauseOf } from './reasons.ts';
import { findNameConflict } from './relationships.ts';
import { findTable, referenceTo, type SourceBuilder, type TableBuilder } from './source-builder.ts';
import { readComment } from './tables.ts';
import type { TrackedComputedField } from './types.ts';

/** Fills `table.computedFields` and reports each that does not fit. */
export function buildComputedFields(builder: SourceBuilder, table: TableBuilder): void {
  for (const metadata of table.metadata.computed_fields ?? []) {
    const built = findNameConflict(table, metadata.name) ?? build(builder, table, metadata);
    if (typeof built === 'string') {
      builder.report(inconsistentComputedField(builder.name, table.catalog, metadata, built));
    } else {
      table.computedFields.set(built.name, built);
    }
  }
}

/** The only function of that name, or why there is none. */
export function soleFunction(
  builder: Pick<SourceBuilder, 'catalog'>,
  name: QualifiedName,
): CatalogFunction | string {
  const candidates = builder.catalog.functions.get(qualifiedKey(name)) ?? [];
  const [fn] = candidates;
  if (fn === undefined) return `no such function exists: "${describeName(name)}"`;
  if (candidates.length > 1) {
    return `function "${describeName(name)}" is overloaded. Overloaded functions are not supported`;
  }
  return fn;
}

function build(
  builder: SourceBuilder,
  table: TableBuilder,
  metadata: ComputedFieldMetadata,
): TrackedComputedField | string {
  const { name, definition } = metadata;
  const context = `in table "${describeName(table)}": in computed field "${name}": `;
  const fn = soleFunction(builder, definition.function);
  if (typeof fn === 'string') return context + fn;
  const row = findRowArgument(fn, table, definition.table_argument ?? null);
  const session = findSessionArgument(fn, definition.session_argument ?? null);
  const returns = findReturn(builder, fn);
  const faults = [
    ...(isGraphqlName(name) ? [] : [`"${name}" is not valid GraphQL name`]),
    ...(typeof row === 'string' ? [row] : []),
    ...(typeof session === 'string' ? [session] : []),
    ...(typeof returns === 'string' ? [returns] : []),
    ...(fn.volatility === 'volatile'
      ? [`the function "${describeName(fn)}" is of type VOLATILE; cannot be added as a computed field`]
      : []),
  ];
  if (
    typeof row === 'string' ||
    typeof session === 'string' ||
    typeof returns === 'string' ||
    faults.length > 0
  ) {
    const subject = `the computed field "${name}" cannot be added to table "${describeName(table)}"`;
    return context + becauseOf(subject, faults);
  }
  const special = { row, session };
  const comment = readComment(metadata.comment);
  return {
    name,
    function: { schema: fn.schema, name: fn.name },
    returns,
    arguments: clientArguments(fn, special),
    call: functionCaller(fn, special),
    description:
      comment.kind === 'text'
        ? comment.text
        : (fn.comment ?? `A computed field, executes function "${describeName(fn)}"`),
  };
}

function findRowArgument(fn: CatalogFunction, table: TableBuilder, name: string | null): number | string {
  const printed = describeName(fn);
  if (fn.arguments.length === 0) return `the function "${printed}" has no input arguments`;
  const index = name === null ? 0 : fn.arguments.findIndex((argument) => argument.name === name);
  const argument = fn.arguments[index];
  if (argument === undefined) return `"${name}" is not an input argument of the function "${printed}"`;
  const label = name === null ? 'first argument' : `"${name}" argument`;
  const { relation } = argument.type;
  if (relation === null) return `${label} of the function "${printed}" is not COMPOSITE type`;
  if (qualifiedKey(relation) === qualifiedKey(table)) return index;
  return `${label} of the function "${printed}" of type "${describeName(relation)}" is not the table to which the computed field is being added`;
}

function findSessionArgument(fn: CatalogFunction, name: string | null): number | null | string {
  if (name === null) return null;
  const index = fn.arguments.findIndex((argument) => argument.name === name);
  const argument = fn.arguments[index];
  if (argument === undefined) {
    return `"${name}" is not an input argument of the function "${describeName(fn)}"`;
  }
  if (argument.type.name === 'json' || argument.type.name === 'jsonb') return index;
  return `"${name}" argument of the function "${describeName(fn)}" is not of type JSON`;
}

function findReturn(builder: SourceBuilder, fn: CatalogFunction): TrackedComputedField['returns'] | string {
  const { returnType: type } = fn;
  if (type.kind === 'base' || type.kind === 'array') return { kind: 'scalar', type };
  if (type.relation === null) {
    return `the function "${describeName(fn)}" returning type ${describeType(type)} is not a BASE type`;
  }
  const table = findTable(builder, type.relation);
  if (table !== undefined) return { kind: 'rows', table: referenceTo(table) };
  return `the function "${describeName(fn)}" returning set of table "${describeName(type.relation)}" is not tracked or not found in database`;
}
