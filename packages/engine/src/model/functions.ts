/**
 * Tracked functions: root fields that return rows of a tracked table. Source: spec/graphql-api.md 9.1.
 */
import { type CatalogFunction, qualifiedKey } from '../catalog/index.ts';
import type { FunctionMetadata } from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import { soleFunction } from './computed-fields.ts';
import { inconsistentFunction } from './inconsistency.ts';
import { textOf } from './naming.ts';
import { becauseOf } from './reasons.ts';
import { findTable, type SourceBuilder } from './source-builder.ts';
import { baseName, readComment } from './tables.ts';
import type { NamePart, Naming, TrackedFunction, TrackedTable } from './types.ts';

/** The consistent functions by `qualifiedKey`; each that does not fit is reported. */
export function buildFunctions(builder: SourceBuilder<TrackedTable>): ReadonlyMap<string, TrackedFunction> {
  const functions = new Map<string, TrackedFunction>();
  for (const metadata of builder.metadata.functions ?? []) {
    const built = build(builder, metadata);
    if (typeof built === 'string') {
      const reason = `in function "${describeName(metadata.function)}": ${built}`;
      builder.report(inconsistentFunction(builder.name, metadata, reason));
    } else {
      functions.set(qualifiedKey(metadata.function), built);
    }
  }
  return functions;
}

function build(builder: SourceBuilder<TrackedTable>, metadata: FunctionMetadata): TrackedFunction | string {
  const fn = soleFunction(builder, metadata.function);
  if (typeof fn === 'string') return fn;
  const { configuration = {} } = metadata;
  const graphqlName = baseName(fn, configuration.custom_name);
  const sessionName = configuration.session_argument ?? null;
  const session =
    sessionName === null ? null : fn.arguments.findIndex((argument) => argument.name === sessionName);
  const returned = findReturnedTable(builder, fn);
  const faults = [
    ...(graphqlName === null ? ['function name is not a legal GraphQL identifier'] : []),
    ...(fn.isVariadic ? ['function with "VARIADIC" parameters are not supported'] : []),
    ...('fault' in returned ? [returned.fault] : []),
    ...(configuration.exposed_as === 'mutation' && fn.volatility !== 'volatile'
      ? [
          'the function was requested to be exposed as a mutation, but is not marked VOLATILE. Maybe the function was given the wrong volatility when it was defined?',
        ]
      : []),
    ...findSessionFault(fn, sessionName, session),
  ];
  if (graphqlName === null || 'fault' in returned || faults.length > 0) {
    return becauseOf(`the function "${describeName(fn)}" cannot be tracked`, faults);
  }
  if (returned.table === undefined) return `table "${describeName(returned.relation)}" is not tracked`;
  const { naming } = builder;
  const ownNames = namesOf(naming, graphqlName, configuration.custom_root_fields ?? {});
  return {
    source: builder.name,
    schema: fn.schema,
    name: fn.name,
    catalog: fn,
    exposedAs: configuration.exposed_as ?? (fn.volatility === 'volatile' ? 'mutation' : 'query'),
    returns: returned.table,
    sessionArgument: session,
    rootFields: {
      function: naming.rootFieldName({ custom: ownNames.function }),
      aggregate: naming.rootFieldName({ custom: ownNames.aggregate }),
    },
    ownNames,
    graphqlName,
    comment: readComment(metadata.comment),
    permittedRoles: new Set((metadata.permissions ?? []).map(({ role }) => role)),
  };
}

type Returned =
  | { readonly fault: string }
  | {
      readonly relation: { readonly schema: string; readonly name: string };
      readonly table: TrackedTable | undefined;
    };

function findReturnedTable(
  builder: SourceBuilder<TrackedTable>,
  { returnType: type }: CatalogFunction,
): Returned {
  if (type.kind !== 'composite') return { fault: 'the function does not return a "COMPOSITE" type' };
  const { relation } = type;
  if (relation === null || !builder.catalog.tables.has(qualifiedKey(relation))) {
    return { fault: 'the function does not return a table' };
  }
  return { relation, table: findTable(builder, relation) };
}

function findSessionFault(fn: CatalogFunction, name: string | null, index: number | null): readonly string[] {
  if (name === null || index === null) return [];
  const argument = fn.arguments[index];
  if (argument === undefined)
    return [`given session argument "${name}" not the input argument of the function`];
  return argument.type.name === 'json' ? [] : [`given session argument "${name}" is not of type json`];
}

/** Names that the user gives are kept as written, except in the name of the type of the arguments. */
function namesOf(
  naming: Naming,
  graphqlName: NamePart,
  custom: NonNullable<NonNullable<FunctionMetadata['configuration']>['custom_root_fields']>,
): TrackedFunction['ownNames'] {
  const text = textOf(graphqlName);
  const isGiven = typeof graphqlName !== 'string';
  return {
    function: custom.function || (isGiven ? text : naming.fieldName(text)),
    aggregate:
      custom.function_aggregate || (isGiven ? `${text}_aggregate` : naming.fieldName(text, 'aggregate')),
    arguments: naming.fieldName(text, 'args'),
  };
}
