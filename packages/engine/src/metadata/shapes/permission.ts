import { isJsonObject, type JsonObject } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  defaulted,
  expectMember,
  expectObject,
  integer,
  json,
  jsonObject,
  list,
  nonEmptyText,
  object,
  oneOf,
  optional,
  optionalKept,
  optionalUnless,
  optionalWritten,
  type Place,
  record,
  refine,
  required,
  text,
} from '../codec/index.ts';
import { isRuleList } from '../permission-rules.ts';
import type {
  DeletePermission,
  InsertPermission,
  PermissionMetadata,
  PermissionRules,
  RuleList,
  SelectPermission,
  UpdatePermission,
} from '../types.ts';
import { columnSelection, headers } from './common.ts';

/**
 * How the expression is put together; what it means is checked when the model is built. The stored document is taken as it is: a permission that is not one is
 * inconsistent then.
 */
export const booleanExpression: Codec<JsonObject> = {
  decode(value, place) {
    const given = expectObject('boolean expression', value, place);
    if (place.unknownKeys !== 'keep') requireStructure(given, place);
    return given;
  },
  encode: jsonObject('boolean expression').encode,
};

function requireStructure(expression: JsonObject, place: Place): void {
  for (const [key, value] of Object.entries(expression)) {
    switch (key) {
      case '_and':
      case '$and':
      case '_or':
      case '$or':
        list(booleanExpression).decode(value, place.child(key));
        break;
      case '_not':
      case '$not':
        booleanExpression.decode(value, place.child(key));
        break;
      case '_exists':
      case '$exists': {
        const exists = expectObject('_exists', value, place.child(key));
        expectMember(exists, '_table', place.child(key));
        const where = expectMember(exists, '_where', place.child(key));
        booleanExpression.decode(where, place.child(key).child('_where'));
      }
    }
  }
}

const validateInput = optional(
  object('ValidateInput', {
    definition: required(
      object('ValidateInputHttpDefinition', {
        forward_client_headers: defaulted(boolean, false),
        headers: optional(headers),
        timeout: defaulted(integer, 10),
        url: required(nonEmptyText),
      }),
    ),
    type: required({
      decode(value, place) {
        const type = text.decode(value, place);
        return type === 'http' ? type : place.fail(`expecting only 'http' for 'type' but got ${type}`);
      },
      encode: (type) => type,
    } satisfies Codec<'http'>),
  }),
);

const presets = optional(record(json), (given) => Object.keys(given).length === 0);
const backendOnly = optionalUnless(boolean, false);

const queryRootField = oneOf('query_root_fields', ['select', 'select_by_pk', 'select_aggregate']);
const subscriptionRootField = oneOf('subscription_root_fields', [
  'select',
  'select_by_pk',
  'select_aggregate',
  'select_stream',
]);

export const selectPermission: Codec<SelectPermission> = object('SelPerm', {
  columns: required(columnSelection),
  computed_fields: optional(list(text)),
  filter: required(booleanExpression),
  limit: optional(integer),
  allow_aggregations: optionalUnless(boolean, false),
  query_root_fields: optionalKept(list(queryRootField)),
  subscription_root_fields: optionalKept(list(subscriptionRootField)),
});

/** Older consoles of Hasura keep notes of their own in permissions. */
const overlooked = ['localPresets'];

export const insertPermission: Codec<InsertPermission> = object(
  'InsPerm',
  {
    check: required(booleanExpression),
    set: presets,
    columns: optionalKept(columnSelection),
    backend_only: backendOnly,
    validate_input: validateInput,
  },
  { overlooked },
);

export const updatePermission: Codec<UpdatePermission> = object(
  'UpdPerm',
  {
    columns: required(columnSelection),
    filter: required(booleanExpression),
    check: optionalWritten(booleanExpression),
    set: presets,
    backend_only: backendOnly,
    validate_input: validateInput,
  },
  { overlooked },
);

export const deletePermission: Codec<DeletePermission> = object('DelPerm', {
  filter: required(booleanExpression),
  backend_only: backendOnly,
  validate_input: validateInput,
});

/**
 * A rule, or `{"rules": [rule, …]}`. A key beside `rules` is always refused: it would look as if it bound all of them.
 */
export function severalRules<P extends object>(rule: Codec<P>): Codec<PermissionRules<P>> {
  const several: Codec<RuleList<P>> = object(
    'PermissionRules',
    {
      rules: required(
        refine(list(rule), (rules, place) =>
          rules.length === 0 ? place.fail('a permission with several rules needs at least one rule') : rules,
        ),
      ),
    },
    { isAlwaysStrict: true },
  );
  return {
    decode: (value, place) =>
      isJsonObject(value) && 'rules' in value ? several.decode(value, place) : rule.decode(value, place),
    encode: (permission) => (isRuleList(permission) ? several : rule).encode(permission as P & RuleList<P>),
  };
}

export function permissionEntry<P>(permission: Codec<P>): Codec<PermissionMetadata<P>> {
  return object('PermDef', {
    role: required(nonEmptyText),
    permission: required(permission),
    comment: optional(text),
  }) as Codec<PermissionMetadata<P>>;
}
