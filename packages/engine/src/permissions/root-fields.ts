import type { QueryRootField, SubscriptionRootField } from './types.ts';

export const queryRootFields: ReadonlySet<QueryRootField> = new Set<QueryRootField>([
  'select',
  'select_by_pk',
  'select_aggregate',
]);

export const subscriptionRootFields: ReadonlySet<SubscriptionRootField> = new Set<SubscriptionRootField>([
  ...queryRootFields,
  'select_stream',
]);

/** The declared root fields; absent or null means all of them. Source: spec/permissions.md 2.1. */
export function allowsAll<F extends string>(
  declared: readonly string[] | null | undefined,
  all: ReadonlySet<F>,
): ReadonlySet<F> {
  if (declared === undefined || declared === null) return all;
  const allowed = [...all].filter((field) => declared.includes(field));
  return allowed.length === all.size ? all : new Set(allowed);
}
