/**
 * What a role's schema has as a subgraph of an Apollo federation: `_service` with its definition, and `_entities`, which finds rows of the tables that
 * are offered as entities by their primary keys. Source: spec/remote-schemas.md 11; conformance: TestApolloFederation.
 */
import type { SchemaContext } from './context.ts';
import { field, inputValue, objectType, unionType } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { strictScalars } from './scalars.ts';
import { tableObject } from './table-object.ts';
import type { EntityTable } from './meanings.ts';
import type { Field, ObjectType, ScalarType } from './types.ts';

/** Nothing where the server is no subgraph. */
export function* federationFields(context: SchemaContext): Iterable<Field> {
  if (context.features.apolloFederation !== true || context.api !== 'graphql') return;
  yield field('_service', 'SDL representation of schema', required(serviceType), {
    kind: 'federation-service',
  });
  const tables = [...entityTables(context)];
  if (tables.length === 0) return;
  const entity = unionType('_Entity', 'A union of all types that use the @key directive', () =>
    tables.map(({ type }) => type),
  );
  const representations = inputValue('representations', null, required(listOfRequired(anyType)), {
    kind: 'delegated',
    name: 'representations',
  });
  // the answer is a list all the same: introspection says of the type what the original says
  yield field('_entities', null, nullable(entity), { kind: 'entities', tables }, byName([representations]));
}

/** Fields and types of these names are the federation's own, no part of the subgraph's definition. */
export const federationNames: ReadonlySet<string> = new Set([
  '_service',
  '_entities',
  '_Service',
  '_Entity',
  '_Any',
]);

const serviceType: ObjectType = objectType('_Service', null, () => [
  field('sdl', 'SDL representation of schema', required(strictScalars.String), { kind: 'federation-sdl' }),
]);

const anyType: ScalarType = { kind: 'scalar', name: '_Any', pgType: null };

/** A role that does not see the whole key, or may not begin at the table, does not get there as an entity. */
function* entityTables(context: SchemaContext): Iterable<EntityTable> {
  for (const source of context.model.sources.values()) {
    for (const table of source.tables.values()) {
      const access = table.isEntity === true ? context.selectAccess(table) : null;
      const key = access === null ? null : context.visibleKey(access);
      if (access === null || key === null) continue;
      const { queryRootFields: shown } = access.rule;
      if (!shown.has('select') && !shown.has('select_by_pk')) continue;
      yield {
        access,
        type: tableObject(context, access),
        key: key.map(({ name, grant }) => ({ name, grant })),
      };
    }
  }
}
