import { isJsonObject, type Json } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  dictionary,
  duplicates,
  json,
  object,
  oneOf,
  optional,
  optionalUnless,
  record,
  refine,
  required,
  sortKeys,
  text,
  uniqueList,
} from '../codec/index.ts';
import { graphqlName, qualifiedName } from '../names.ts';
import { rootFieldKinds } from '../root-field-kinds.ts';
import type { CustomRootField, TableConfiguration, TableMetadata } from '../types.ts';
import { eventTrigger } from './event-trigger.ts';
import {
  deletePermission,
  insertPermission,
  permissionEntry,
  selectPermission,
  severalRules,
  updatePermission,
} from './permission.ts';
import { arrayRelationship, computedField, objectRelationship, remoteRelationship } from './relationship.ts';

type ColumnConfiguration = NonNullable<TableConfiguration['column_config']>[string];

const columnConfiguration: Codec<ColumnConfiguration> = object('ColumnConfig', {
  comment: optional(text),
  custom_name: optional(graphqlName),
});

const rootFieldParts = object('CustomRootField', {
  comment: optional(text),
  name: optional(graphqlName),
});

/** A name, or name and comment; written as plain text when it is only a name. */
const customRootField: Codec<CustomRootField> = {
  decode(value, place) {
    if (value === null) return null;
    return typeof value === 'string' ? graphqlName.decode(value, place) : rootFieldParts.decode(value, place);
  },
  encode(field) {
    if (field === null || typeof field === 'string') return field;
    const { comment, name } = field;
    if (comment === undefined || comment === null) return name ?? null;
    return name === undefined || name === null ? { comment } : { comment, name };
  },
};

const customRootFields = refine(
  object(
    'TableCustomRootFields',
    Object.fromEntries(rootFieldKinds.toSorted().map((name) => [name, optional(customRootField)])),
  ) as Codec<Readonly<Record<string, CustomRootField>>>,
  (fields, place) => {
    const names = Object.values(fields).flatMap((field) =>
      typeof field === 'string' ? [field] : field?.name ? [field.name] : [],
    );
    const repeated = duplicates(names);
    return repeated.length === 0
      ? fields
      : place.fail(`the following custom root field names are duplicated: ${inWords(repeated)}`);
  },
);

function inWords(names: readonly string[]): string {
  const last = names[names.length - 1] ?? '';
  if (names.length < 3) return names.join(' and ');
  return `${names.slice(0, -1).join(', ')}, and ${last}`;
}

/** As written: `custom_column_names` stands beside the column configurations from which it is derived. */
const writtenConfiguration = object('TableConfig', {
  column_config: optional(record(columnConfiguration)),
  comment: optional(text),
  custom_column_names: optional(record(graphqlName)),
  custom_name: optional(graphqlName),
  custom_root_fields: optional(customRootFields),
});

export const tableConfiguration: Codec<TableConfiguration> = {
  decode(value, place) {
    const {
      custom_column_names: olderNames = {},
      column_config: given = {},
      ...rest
    } = writtenConfiguration.decode(value, place);
    const columns = dictionary(Object.entries(given));
    for (const [column, name] of Object.entries(olderNames)) {
      columns[column] = { custom_name: name, ...columns[column] };
    }
    return Object.keys(columns).length === 0 ? rest : { ...rest, column_config: columns };
  },
  encode(configuration) {
    const columns = configuration.column_config ?? {};
    const names = Object.entries(columns).flatMap(([column, { custom_name: name }]) =>
      name === undefined || name === null ? [] : [[column, name] as const],
    );
    const rootFields = Object.entries(configuration.custom_root_fields ?? {}).flatMap(
      ([name, field]): [string, Json][] => {
        const encoded = customRootField.encode(field);
        return encoded === null || (isJsonObject(encoded) && Object.keys(encoded).length === 0)
          ? []
          : [[name, encoded]];
      },
    );
    return sortKeys({
      column_config: record(columnConfiguration).encode(columns),
      ...(configuration.comment === undefined || configuration.comment === null
        ? {}
        : { comment: configuration.comment }),
      custom_column_names: dictionary(names),
      ...(configuration.custom_name === undefined || configuration.custom_name === null
        ? {}
        : { custom_name: configuration.custom_name }),
      custom_root_fields: dictionary(rootFields),
    });
  },
};

function isEmptyConfiguration(configuration: TableConfiguration): boolean {
  const {
    comment,
    custom_name: name,
    column_config: columns,
    custom_root_fields: rootFields,
  } = configuration;
  return (
    (comment === undefined || comment === null) &&
    (name === undefined || name === null) &&
    Object.keys(columns ?? {}).length === 0 &&
    Object.values(rootFields ?? {}).every((field) => customRootField.encode(field) === null)
  );
}

export const apolloFederation = object('ApolloFederationConfig', {
  enable: required(oneOf('enable', ['v1'])),
});

const tableFields = {
  table: required(qualifiedName),
  is_enum: optionalUnless(boolean, false),
  configuration: optional(tableConfiguration, isEmptyConfiguration),
  object_relationships: optional(uniqueList('object relationships', objectRelationship, nameOf)),
  array_relationships: optional(uniqueList('array relationships', arrayRelationship, nameOf)),
  computed_fields: optional(uniqueList('computed fields', computedField, nameOf)),
  remote_relationships: optional(uniqueList('remote relationships', remoteRelationship, nameOf)),
  insert_permissions: optional(
    uniqueList('insert permissions', permissionEntry(severalRules(insertPermission)), roleOf),
  ),
  select_permissions: optional(
    uniqueList('select permissions', permissionEntry(severalRules(selectPermission)), roleOf),
  ),
  update_permissions: optional(
    uniqueList('update permissions', permissionEntry(severalRules(updatePermission)), roleOf),
  ),
  delete_permissions: optional(
    uniqueList('delete permissions', permissionEntry(severalRules(deletePermission)), roleOf),
  ),
  event_triggers: optional(uniqueList('event triggers', eventTrigger, nameOf)),
  apollo_federation_config: optional(apolloFederation),
  logical_model: optional(json),
};

export const tableMetadata: Codec<TableMetadata> = object('TableMetadata', tableFields, {
  isAlwaysStrict: true,
});

function nameOf(item: { readonly name: string }): string {
  return item.name;
}

function roleOf(item: { readonly role: string }): string {
  return item.role;
}
