import type { PgType } from '../catalog/index.ts';
import { type Column, isGeographyType, isGeometryType, underlyingType } from '../permissions/index.ts';
import type { PlanContext } from './context.ts';
import type { OutputFormat, OutputOptions } from './types.ts';

/** How values of a type become JSON. Source: spec/graphql-api.md 3.2. */
export function formatOf(type: PgType, { options }: { readonly options: OutputOptions }): OutputFormat {
  if (isGeometryType(type) || isGeographyType(type)) return 'geojson';
  const isStringified = options.stringifyNumericTypes && stringifiedTypes.has(underlyingType(type).name);
  return isStringified ? 'text' : 'json';
}

/** Enum tables' values are upper-cased where the source's names are. Source: spec/graphql-api.md 2.5. */
export function formatOfColumn(column: Column, source: string, context: PlanContext): OutputFormat {
  const isUpper =
    column.enumReference !== null && context.schema.namingOf(source)?.convention === 'graphql-default';
  return isUpper ? 'upper' : formatOf(column.type, context);
}

const stringifiedTypes = new Set(['int8', 'numeric', 'float8', 'money']);
