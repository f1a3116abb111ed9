import type { PgType, Value } from '../plan/index.ts';
import { identifier, parameter, type SqlFragment, sql, typeName } from './fragment.ts';

const text = sql`text`;

/** A value as a bind parameter: `($1)::integer`, `($1)::integer[]`, or through the PostGIS function that reads its form. */
export function renderValue(value: Value): SqlFragment {
  switch (value.input) {
    case 'text':
      return parameter(value.source, castTarget(value.type, value.isArray));
    case 'geojson':
      return sql`(${extensionFunction(value.type, 'st_geomfromgeojson')}(${parameter(value.source, text)}))::${typeName(value.type)}`;
    case 'raster-hex':
      return sql`${extensionFunction(value.type, 'st_rastfromhexwkb')}(${parameter(value.source, text)})`;
  }
}

/** A function that lives beside a type of its extension, wherever the extension was installed. */
export function extensionFunction(type: PgType, name: string): SqlFragment {
  return sql`${identifier(type.schema)}.${identifier(name)}`;
}

/** The value's type, or an array of it. */
export function castTarget(type: PgType, isArray: boolean): SqlFragment {
  return isArray ? sql`${typeName(type)}[]` : typeName(type);
}
