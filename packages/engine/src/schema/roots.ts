/** `query_root`, `mutation_root` and `subscription_root`. Source: spec/graphql-api.md 1.1, 2.4; spec/permissions.md 1.4. */
import type { Source } from '../model/index.ts';
import { actionFields } from './action-fields.ts';
import type { SchemaContext } from './context.ts';
import { federationFields } from './federation.ts';
import { functionFields } from './function-fields.ts';
import { introspectionFields } from './introspection-types.ts';
import { field, objectType, queryRootType } from './lazy-types.ts';
import { nullable, required } from './type-references.ts';
import { mutationFields } from './mutation-fields.ts';
import { nativeQueryField } from './native-query-fields.ts';
import { connectionField, relayNodeField } from './relay.ts';
import { remoteRootFields } from './remote-types.ts';
import { strictScalars } from './scalars.ts';
import { selectFields } from './select-fields.ts';
import type { Field, ObjectType } from './types.ts';

export function queryRoot(context: SchemaContext): ObjectType {
  return queryRootType(() => queryFields(context), introspectionFields(context));
}

function* queryFields(context: SchemaContext): Iterable<Field> {
  if (isEmpty(rootFields(context, 'query'))) yield placeholder;
  else yield* rootFields(context, 'query');
  yield* federationFields(context);
}

/** Null when the role may change nothing. */
export function mutationRoot(context: SchemaContext): ObjectType | null {
  if (!context.features.mutations || isEmpty(rootFields(context, 'mutation'))) return null;
  return objectType('mutation_root', 'mutation root', () => rootFields(context, 'mutation'));
}

export function subscriptionRoot(context: SchemaContext): ObjectType | null {
  if (isEmpty(rootFields(context, 'subscription'))) return null;
  return objectType('subscription_root', null, () => rootFields(context, 'subscription'));
}

function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false;
  return true;
}

type Root = 'query' | 'mutation' | 'subscription';

function* rootFields(context: SchemaContext, root: Root): Iterable<Field> {
  if (context.api === 'relay' && root !== 'mutation') yield* relayNodeField(context, root);
  const namespaces = new Map<string, { source: Source; fields: Field[] }>();
  for (const source of context.model.sources.values()) {
    const { namespace } = source.naming;
    if (namespace === null) {
      yield* sourceFields(context, source, root);
      continue;
    }
    const shared = namespaces.get(namespace) ?? { source, fields: [] };
    shared.fields.push(...sourceFields(context, source, root));
    namespaces.set(namespace, shared);
  }
  for (const [namespace, { source, fields: inner }] of namespaces) {
    if (inner.length === 0) continue;
    const name = source.naming.typeName({ custom: namespace }, namespaceSuffix(context, root));
    yield field(namespace, null, nullable(objectType(name, null, () => inner)), {
      kind: 'namespace',
      source: source.name,
    });
  }
  // of actions Relay has those that change something. Source: spec/graphql-api.md 16
  if (context.api === 'graphql' || root === 'mutation') yield* actionFields(context, root);
  if (context.api === 'graphql') yield* remoteRootFields(context, root);
}

function* sourceFields(context: SchemaContext, source: Source, root: Root): Iterable<Field> {
  for (const table of source.tables.values()) {
    if (root === 'mutation') yield* mutationFields(context, table);
    else if (context.api === 'relay') yield* connectionField(context, table, root);
    else yield* selectFields(context, table, root);
  }
  for (const fn of source.functions.values()) yield* functionFields(context, fn, root);
  if (root === 'mutation' || context.api === 'relay') return;
  for (const query of source.nativeQueries.values()) yield* nativeQueryField(context, query);
}

function namespaceSuffix(context: SchemaContext, root: Root): string {
  if (root !== 'mutation') return root;
  return context.usesBackendOnly ? 'mutation_backend' : 'mutation_frontend';
}

const noQueries =
  "There are no queries available to the current role. Either there are no sources or remote schemas configured, or the current role doesn't have the required permissions.";

const placeholder = field('no_queries_available', noQueries, required(strictScalars.String), {
  kind: 'placeholder',
  text: noQueries,
});
