import type { QualifiedName } from '../../catalog/index.ts';
import type { Json, JsonObject } from '../../support/index.ts';
import {
  type Codec,
  dictionary,
  expectMember,
  expectObject,
  json,
  jsonObject,
  list,
  nonEmptyText,
  object,
  oneOf,
  optional,
  optionalWritten,
  Place,
  record,
  refuseUnknownKeys,
  required,
  text,
} from '../codec/index.ts';
import { qualifiedName } from '../names.ts';
import type {
  ComputedFieldMetadata,
  RelationshipMetadata,
  RelationshipUsing,
  RemoteRelationshipMetadata,
} from '../types.ts';
import { remoteFieldDefinition } from './remote-field.ts';

type ManualConfiguration = Extract<
  RelationshipUsing,
  { readonly manual_configuration: unknown }
>['manual_configuration'];

const columnMapping = record(text);

const toTable = object('RelManualTableConfig', {
  column_mapping: required(columnMapping),
  insertion_order: optionalWritten(oneOf('insertion_order', ['before_parent', 'after_parent'])),
  remote_table: required(qualifiedName),
});

const toNativeQuery = object('RelManualNativeQueryConfig', {
  column_mapping: required(columnMapping),
  insertion_order: optional(oneOf('insertion_order', ['before_parent', 'after_parent'])),
  remote_native_query: required(nonEmptyText),
});

const manualConfiguration: Codec<ManualConfiguration> = {
  decode(value, place) {
    const given = expectObject('RelManualConfig', value, place);
    return given['remote_native_query'] === undefined
      ? toTable.decode(value, place)
      : toNativeQuery.decode(value, place);
  },
  encode(configuration) {
    const { column_mapping, insertion_order, remote_table, remote_native_query } = configuration;
    const order = insertion_order ? { insertion_order } : {};
    return remote_table === undefined
      ? toNativeQuery.encode({ column_mapping, ...order, remote_native_query: remote_native_query ?? '' })
      : toTable.encode({ column_mapping, ...order, remote_table });
  },
};

/** The columns of the table that the relationship belongs to: one name or a list; one name is written alone. */
function decodeOwnColumns(value: Json, place: Place): string | readonly string[] {
  if (typeof value === 'string') return value;
  const columns = list(text).decode(value, place);
  return columns.length === 0 ? place.fail('expected at least one column') : columns;
}

function decodeForeignColumns(value: Json, place: Place): RelationshipUsing {
  const given = expectObject('ArrRelUsingFKeyOn', value, place);
  refuseUnknownKeys(
    'ArrRelUsingFKeyOn',
    given,
    (key) => key === 'table' || key === 'column' || key === 'columns',
    place,
  );
  const table = qualifiedName.decode(expectMember(given, 'table', place), place.child('table'));
  const { column, columns } = { column: given['column'] ?? null, columns: given['columns'] ?? null };
  if ((column === null) === (columns === null)) {
    return place.fail("expected exactly one of 'column' or 'columns'");
  }
  return {
    foreign_key_constraint_on:
      column !== null
        ? { table, column: text.decode(column, place.child('column')) }
        : { table, columns: decodeColumns(columns, place.child('columns')) },
  };
}

/** A single name stands for a list of one. */
function decodeColumns(value: Json, place: Place): readonly string[] {
  return typeof value === 'string' ? [value] : list(text).decode(value, place);
}

/** @param kind array relationships cannot follow a foreign key of their own table */
function relationshipUsing(kind: 'object' | 'array'): Codec<RelationshipUsing> {
  return {
    decode(value, place) {
      const given = expectObject(kind === 'object' ? 'ObjRelUsing' : 'ArrRelUsing', value, place);
      refuseUnknownKeys('RelUsing', given, (key) => key === foreignKey || key === manual, place);
      const constraint = given[foreignKey] ?? null;
      const configuration = given[manual] ?? null;
      if (constraint !== null && configuration !== null) {
        return place.fail(`only one of ${foreignKey}/${manual} should be present`);
      }
      if (configuration !== null) {
        return { manual_configuration: manualConfiguration.decode(configuration, place.child(manual)) };
      }
      if (constraint === null) {
        return place.fail(`atleast one of ${foreignKey}/${manual} should be present`);
      }
      const at = place.child(foreignKey);
      const isOwn = typeof constraint === 'string' || Array.isArray(constraint);
      return isOwn && kind === 'object'
        ? { foreign_key_constraint_on: decodeOwnColumns(constraint, at) }
        : decodeForeignColumns(constraint, at);
    },
    encode(using) {
      if ('manual_configuration' in using) {
        return { manual_configuration: manualConfiguration.encode(using.manual_configuration) };
      }
      const on = using.foreign_key_constraint_on;
      if (typeof on === 'string') return { foreign_key_constraint_on: on };
      if ('table' in on) {
        const columns = on.columns ?? [on.column ?? ''];
        const table = qualifiedName.encode(on.table);
        return {
          foreign_key_constraint_on:
            columns.length === 1 ? { column: columns[0] ?? '', table } : { columns: [...columns], table },
        };
      }
      return { foreign_key_constraint_on: on.length === 1 ? (on[0] ?? '') : [...on] };
    },
  };
}

const foreignKey = 'foreign_key_constraint_on';
const manual = 'manual_configuration';

function relationship(kind: 'object' | 'array'): Codec<RelationshipMetadata> {
  return object('RelDef', {
    name: required(nonEmptyText),
    using: required(relationshipUsing(kind)),
    comment: optional(text),
  });
}

export const objectRelationship = relationship('object');
export const arrayRelationship = relationship('array');

const fieldMapping = {
  field_mapping: required(record(text)),
  relationship_type: required(oneOf('relationship_type', ['object', 'array'])),
  source: required(nonEmptyText),
  table: required(qualifiedName),
};
const toSource = object('ToSourceRelationshipDef', fieldMapping);
const toSchema = object('ToSchemaRelationshipDef', {
  lhs_fields: required(list(text)),
  remote_field: required(jsonObject('RemoteFields')),
  remote_schema: required(nonEmptyText),
});

export interface ToSourceDefinition {
  readonly relationship_type: 'object' | 'array';
  readonly source: string;
  readonly table: QualifiedName;
  /** Field of the left side → column. */
  readonly field_mapping: Readonly<Record<string, string>>;
}

/** The definition of a relationship to a table; null for one to a remote schema. */
export function toSourceDefinition(definition: JsonObject): ToSourceDefinition | null {
  const given = definition['to_source'];
  return given === undefined ? null : toSource.decode(given, new Place());
}

/** Where a definition stands decides about the form it may have: `strict` the newer one, `legacy` the older one, `lenient` (in documents) either. */
export type RemoteRelationshipForm = 'strict' | 'legacy' | 'lenient';

const targetsOf: Readonly<Record<RemoteRelationshipForm, string>> = {
  strict: 'to_source, to_remote_schema',
  legacy: 'remote_schema',
  lenient: 'remote_schema, to_source, to_remote_schema',
};

/**
 * What a remote relationship leads to; the older form is kept as it is. Source: spec/metadata-api.md 2.3, spec/remote-schemas.md 8.1.
 * @param place of what the definition belongs to, where v2 tells its faults
 */
export function decodeRemoteDefinition(value: Json, place: Place, form: RemoteRelationshipForm): JsonObject {
  const given = expectObject(`RemoteRelationshipDefinition (${form} format)`, value, place);
  const older = given['remote_schema'] ?? null;
  const source = given['to_source'] ?? null;
  const schema = given['to_remote_schema'] ?? null;
  if (older !== null && form !== 'strict') return decodeOlder(given, place);
  if (older === null && form !== 'legacy') {
    if (source !== null && schema === null)
      return { to_source: toSource.encode(toSource.decode(source, place)) };
    if (source === null && schema !== null) {
      const to = toSchema.decode(schema, place);
      remoteFieldDefinition({ to_remote_schema: schema }, place);
      return { to_remote_schema: toSchema.encode(to) };
    }
  }
  return place.fail(
    `remote relationship definition (${form} format) expects exactly one of: ${targetsOf[form]}`,
  );
}

function decodeOlder(given: JsonObject, place: Place): JsonObject {
  const keys = ['hasura_fields', 'remote_field', 'remote_schema'];
  const older = dictionary(keys.map((key) => [key, expectMember(given, key, place)]));
  remoteFieldDefinition(older, place);
  return older;
}

const relationshipShape = object('RemoteRelationship', {
  name: required(nonEmptyText),
  definition: required(json),
});

export const remoteRelationship: Codec<RemoteRelationshipMetadata> = {
  decode(value, place) {
    const given = relationshipShape.decode(value, place);
    return { ...given, definition: decodeRemoteDefinition(given.definition, place, 'lenient') };
  },
  encode: (relationship) => relationshipShape.encode(relationship),
};

export const computedFieldDefinition = object('ComputedFieldDefinition', {
  function: required(qualifiedName),
  session_argument: optional(text),
  table_argument: optional(text),
});

export const computedField: Codec<ComputedFieldMetadata> = object('ComputedFieldMetadata', {
  name: required(nonEmptyText),
  definition: required(computedFieldDefinition),
  comment: optional(text),
});
