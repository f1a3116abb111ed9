/** What PostgreSQL's types are called in GraphQL. Source: spec/graphql-api.md 3.1. */
import type { PgType } from '../catalog/index.ts';
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
