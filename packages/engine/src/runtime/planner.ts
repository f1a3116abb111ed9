import type { PlannedOperation, Planner } from '../execute/index.ts';
import { coerceVariables, parseDocument, selectOperation } from '../graphql/index.ts';
import { planOperation } from '../plan/index.ts';
import type { RoleSchema, SchemaFeatures } from '../schema/index.ts';
import type { RuntimeOptions } from './types.ts';

/** The stages from text to plan, one after the other. */
export function createPlanner(options: RuntimeOptions): Planner<RoleSchema> {
  const planOptions = {
    stringifyNumericTypes: options.stringifyNumericTypes,
    v1BooleanNullCollapse: options.v1BooleanNullCollapse,
    nullChecksPass: options.nullChecks === 'pass',
    noNullUnboundVariableDefault: options.experimentalFeatures.has('no_null_unbound_variable_default'),
  };
  return {
    plan({ query, operationName, variables }, schema): PlannedOperation {
      const operation = selectOperation(parseDocument(query), operationName);
      const bindings = coerceVariables(operation, variables, {
        allowsNullInNonNullable: options.nullInNonNullableVariables,
      });
      return planOperation({ operation, variables: bindings, schema, options: planOptions });
    },
  };
}

export function schemaFeatures({ experimentalFeatures }: RuntimeOptions): SchemaFeatures {
  return {
    mutations: true,
    disablesPostgresArrays: experimentalFeatures.has('disable_postgres_arrays'),
    hidesUpdateManyFields: experimentalFeatures.has('hide_update_many_fields'),
    hidesAggregationPredicates: experimentalFeatures.has('hide_aggregation_predicates'),
    hidesStreamFields: experimentalFeatures.has('hide_stream_fields'),
    apolloFederation: experimentalFeatures.has('apollo_federation'),
  };
}
