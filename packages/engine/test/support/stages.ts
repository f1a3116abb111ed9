/** The stages of an engine with every switch as it is by default, for tests that run some of them without the rest. */
import { readCatalog, readEnumValues } from '../../src/catalog/index.ts';
import type { Database } from '../../src/database/index.ts';
import type { Planner } from '../../src/execute/index.ts';
import { coerceVariables, parseDocument, selectOperation } from '../../src/graphql/index.ts';
import type { Metadata } from '../../src/metadata/index.ts';
import { buildModel, enumTablesOf, type Model, type ModelOptions } from '../../src/model/index.ts';
import { type PlanOptions, planOperation } from '../../src/plan/index.ts';
import type { RoleSchema, SchemaFeatures } from '../../src/schema/index.ts';

export const modelOptions: ModelOptions = {
  inferFunctionPermissions: true,
  experimentalFeatures: new Set(),
  defaultNamingConvention: 'hasura-default',
};

export const schemaFeatures: SchemaFeatures = {
  mutations: true,
  disablesPostgresArrays: false,
  hidesUpdateManyFields: false,
  hidesAggregationPredicates: false,
  hidesStreamFields: false,
};

export const planOptions: PlanOptions = {
  stringifyNumericTypes: false,
  v1BooleanNullCollapse: false,
  noNullUnboundVariableDefault: false,
};

export const planner: Planner<RoleSchema> = {
  plan({ query, operationName, variables }, schema) {
    const operation = selectOperation(parseDocument(query), operationName);
    return planOperation({
      operation,
      variables: coerceVariables(operation, variables),
      schema,
      options: planOptions,
    });
  },
};

/** What the metadata makes of a database, which all of its sources are. */
export async function modelOf(database: Database, metadata: Metadata): Promise<Model> {
  const catalog = await readCatalog(database);
  const enumValues = await Promise.all(
    metadata.sources.map(async (source) => {
      const values = await readEnumValues(database, enumTablesOf(source, catalog));
      return [source.name, values] as const;
    }),
  );
  return buildModel({
    metadata,
    catalogs: new Map(metadata.sources.map(({ name }) => [name, catalog])),
    enumValues: new Map(enumValues),
    options: modelOptions,
  });
}
