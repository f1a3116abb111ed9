/** What PostgreSQL's types are called in GraphQL. Source: spec/graphql-api.md 3.1. */
import type { Catalog, PgType } from '../catalog/index.ts';
import { underlyingType } from '../permissions/index.ts';
import { isGraphqlName } from './naming.ts';

/** The GraphQL name of a type that is not an array; null when the type's own name is no GraphQL name. */
export function scalarNameOf(type: PgType): string | null {
  const underlying = underlyingType(type);
  const builtIn = graphqlNames.get(underlying.name);
  if (builtIn !== undefined && underlying.schema === 'pg_catalog') return builtIn;
  const name = underlying.kind === 'composite' ? `${underlying.name}_scalar` : underlying.name;
  return isGraphqlName(name) ? name : null;
}

const graphqlNames: ReadonlyMap<string, string> = new Map([
  ['int4', 'Int'],
  ['int2', 'smallint'],
  ['int8', 'bigint'],
  ['bool', 'Boolean'],
  ['float4', 'Float'],
  ['text', 'String'],
  ['varchar', 'String'],
]);

/** The types of a database by their GraphQL names. Of several with one name PostgreSQL's own counts, then that of `public`. */
export function scalarsOfCatalog(catalog: Catalog): ReadonlyMap<string, PgType> {
  const known = scalarsByCatalog.get(catalog);
  if (known !== undefined) return known;
  const scalars = new Map<string, PgType>();
  const add = (type: PgType): void => {
    if (type.kind === 'array' || type.kind === 'pseudo' || type.kind === 'domain') return;
    const name = scalarNameOf(type);
    if (name !== null && !scalars.has(name)) scalars.set(name, type);
  };
  const types = [...catalog.types.values()];
  types.filter(({ schema }) => schema === 'pg_catalog').forEach(add);
  types.filter(({ schema }) => schema === 'public').forEach(add);
  types.forEach(add);
  scalarsByCatalog.set(catalog, scalars);
  return scalars;
}

const scalarsByCatalog = new WeakMap<Catalog, ReadonlyMap<string, PgType>>();
