import { Path, RequestError } from '../support/index.ts';
import { fault } from './context.ts';
import type { RootPlan } from './types.ts';

/**
 * What a subscription may consist of. `allowsSeveral`: the operation lifts the rule of one root field, but not for several namespaces.
 * Source: spec/graphql-api.md 12.1, 14.4.
 */
export function checkSubscription(fields: readonly RootPlan[], allowsSeveral: boolean): void {
  if (fields.some(({ kind }) => kind === 'constant' || kind === 'introspection')) {
    throw new RequestError(
      'not-supported',
      Path.root,
      'Introspection at root field level is not supported over subscriptions',
    );
  }
  const hasNamespace = fields.some(({ kind }) => kind === 'namespace');
  if (fields.length !== 1 && (!allowsSeveral || hasNamespace)) {
    throw fault(Path.root, 'subscriptions must select one top level field');
  }
  const selects = fields.flatMap(selectsOf);
  const streams = selects.filter(({ select }) => select.kind === 'rows' && select.stream !== null);
  if (streams.length > 0 && streams.length < selects.length) {
    throw fault(
      Path.root,
      'streaming and livequery subscriptions cannot be executed in the same subscription',
    );
  }
  if (streams.length > 1) {
    throw fault(Path.root, 'exactly one root field is allowed for streaming subscriptions');
  }
  if (new Set(selects.map(({ source }) => source)).size > 1) {
    throw fault(Path.root, 'all fields of a subscription must be from the same source');
  }
}

/** With those below a namespace. */
function selectsOf(field: RootPlan): readonly Extract<RootPlan, { kind: 'select' }>[] {
  if (field.kind === 'namespace') return field.fields.flatMap(selectsOf);
  return field.kind === 'select' ? [field] : [];
}
