import type { QualifiedName } from '../../catalog/index.ts';
import { type Json, RequestError } from '../../support/index.ts';
import {
  boolean,
  type Decoder,
  defaulted,
  duplicates,
  json,
  list,
  nonEmptyText,
  object,
  optional,
  record,
  required,
} from '../codec/index.ts';
import {
  findFunction,
  findTable,
  requireSource,
  requireTable,
  updateSource,
  updateTable,
  upsert,
  withOptional,
} from '../edit.ts';
import { displayName, isSameName, qualifiedName } from '../names.ts';
import type { MetadataObjectId } from '../object-id.ts';
import { apolloFederation, tableConfiguration } from '../shapes/table.ts';
import type { TableMetadata } from '../types.ts';
import { cascade, source, table } from './arguments.ts';
import {
  type CommandDefinition,
  type Handler,
  type MetadataCommand,
  outcome,
  outcomeOfDrop,
  sourceCommand,
} from './command.ts';
import { dropObject } from './drop.ts';
import { isUsableSource, isUsableTable } from './require-usable.ts';

const trackFields = object('TrackTable', {
  source,
  table,
  configuration: optional(tableConfiguration),
  is_enum: defaulted(boolean, false),
  apollo_federation_config: optional(apolloFederation),
  logical_model: optional(json),
});
type TrackArguments = ReturnType<typeof trackFields.decode>;

/** The table alone may stand for all arguments, as the first version of the command has it. */
const trackArguments: Decoder<TrackArguments> = {
  decode: (value, place) =>
    isBare(value, 'table')
      ? { source: 'default', table: qualifiedName.decode(value, place), is_enum: false }
      : trackFields.decode(value, place),
};

/** Whether the arguments are only a name: text, or `{"schema","name"}`. */
export function isBare(value: Json, key: string): boolean {
  if (typeof value === 'string') return true;
  return typeof value === 'object' && value !== null && !(key in value) && 'name' in value;
}

const track: Handler<TrackArguments> = (args, metadata, context) => {
  const { path } = context;
  const shown = displayName(args.table);
  requireSource(metadata, args.source, path);
  if (!isUsableSource(args.source, context)) {
    throw new RequestError('not-exists', path, `source with name "${args.source}" does not exist`);
  }
  const isTracked = findTable(metadata, args.source, args.table) !== undefined;
  if (isTracked && isUsableTable(args.source, args.table, context)) {
    throw new RequestError('already-tracked', path, `view/table already tracked: "${shown}"`);
  }
  if (findFunction(metadata, args.source, args.table) !== undefined) {
    throw new RequestError('not-supported', path, `function with name "${shown}" already exists`);
  }
  const name = args.configuration?.custom_name ?? defaultName(args.table);
  if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name)) {
    throw new RequestError(
      'validation-failed',
      path,
      `cannot include "${shown}" in the GraphQL schema because "${name}" is not a valid GraphQL identifier`,
    );
  }
  const { source: _source, is_enum: isEnum, ...rest } = args;
  const tracked: TableMetadata = isEnum ? { ...rest, is_enum: true } : rest;
  const next = updateSource(metadata, args.source, (found) => ({
    ...found,
    // one that is inconsistent is tracked anew
    tables: upsert(found.tables, tracked, ({ table }) => isSameName(table, args.table)),
  }));
  return outcome(next, tableId(args));
};

const untrackArguments = object('UntrackTable', { source, table, cascade });
type UntrackArguments = ReturnType<typeof untrackArguments.decode>;

const untrack: Handler<UntrackArguments> = (args, metadata, context) => {
  if (findTable(metadata, args.source, args.table) === undefined) {
    throw new RequestError(
      'already-untracked',
      context.path,
      `view/table already untracked: "${displayName(args.table)}"`,
    );
  }
  return outcomeOfDrop(dropObject(metadata, tableId(args), args.cascade, context));
};

/** Source: spec/graphql-api.md 2.1. */
function defaultName({ schema, name }: QualifiedName): string {
  return schema === 'public' ? name : `${schema}_${name}`;
}

function tableId(args: { readonly source: string; readonly table: QualifiedName }): MetadataObjectId {
  return { kind: 'table', source: args.source, table: args.table };
}

const trackTable = sourceCommand({ name: 'track_table', args: trackArguments }, track);
const addExistingTable = sourceCommand({ name: 'add_existing_table_or_view', args: trackArguments }, track);
const untrackTable = sourceCommand({ name: 'untrack_table', args: untrackArguments }, untrack);

/** Several tables at once; each item is bound like the command for one. Source: spec/metadata-api.md 3.2. */
function batch(name: string, action: 'track' | 'untrack', single: CommandDefinition): CommandDefinition {
  const envelope = object(name, {
    tables: required(list(json)),
    allow_warnings: defaulted(boolean, true),
  });
  return {
    name,
    scope: 'source',
    needsArguments: true,
    bind(value, invocation) {
      const { place, path } = invocation;
      const { tables, allow_warnings: allowsWarnings } = envelope.decode(value, place);
      const items = tables.map((item, index) => {
        const at = place.child('tables').child(index);
        const target =
          action === 'track' ? trackArguments.decode(item, at) : untrackArguments.decode(item, at);
        const command = single.bind(item, { ...invocation, place: at });
        // The definition of one table is a command on the metadata.
        return { object: tableId(target), target, command: command as MetadataCommand };
      });
      const names = items.map(({ target }) => `${target.source}.${displayName(target.table)}`);
      const repeated = duplicates(names);
      if (repeated.length > 0) {
        throw new RequestError(
          'bad-request',
          path.child('tables'),
          `The following tables occur more than once in the request: ${repeated.join(', ')}`,
        );
      }
      return {
        kind: 'table-batch',
        name,
        path,
        isReadOnly: false,
        isAdminOnly: true,
        action,
        allowsWarnings,
        items: items.map(({ object: id, command }) => ({ object: id, command })),
      };
    },
  };
}

const configurationArguments = object('SetTableCustomization', {
  source,
  table,
  configuration: required(tableConfiguration),
});

const setConfiguration: Handler<ReturnType<typeof configurationArguments.decode>> = (
  args,
  metadata,
  { path },
) => {
  requireTable(metadata, args.source, args.table, path);
  const next = updateTable(metadata, args.source, args.table, (found) => ({
    ...found,
    configuration: args.configuration,
  }));
  return outcome(next, tableId(args));
};

const setTableCustomization = sourceCommand(
  { name: 'set_table_customization', args: configurationArguments },
  setConfiguration,
);

const customFields = object('SetTableCustomFields', {
  source,
  table,
  custom_root_fields: optional(record(json)),
  custom_column_names: optional(record(nonEmptyText)),
});

/** The older form, which knows only names. */
const setTableCustomFields = sourceCommand(
  {
    name: 'set_table_custom_fields',
    args: {
      decode(value, place) {
        const given = customFields.decode(value, place);
        const { source: of, table: named, ...configuration } = given;
        return {
          source: of,
          table: named,
          configuration: tableConfiguration.decode({ ...configuration }, place),
        };
      },
    },
  },
  setConfiguration,
);

const setTableIsEnum = sourceCommand(
  {
    name: 'set_table_is_enum',
    args: object('SetTableIsEnum', { source, table, is_enum: required(boolean) }),
  },
  (args, metadata, { path }) => {
    requireTable(metadata, args.source, args.table, path);
    const next = updateTable(metadata, args.source, args.table, (found) =>
      withOptional(found, 'is_enum', args.is_enum ? true : undefined),
    );
    return outcome(next, tableId(args));
  },
);

const setApolloFederation = sourceCommand(
  {
    name: 'set_apollo_federation_config',
    args: object('SetApolloFederationConfig', {
      source,
      table,
      apollo_federation_config: optional(apolloFederation),
    }),
  },
  (args, metadata, { path }) => {
    requireTable(metadata, args.source, args.table, path);
    const next = updateTable(metadata, args.source, args.table, (found) =>
      withOptional(found, 'apollo_federation_config', args.apollo_federation_config),
    );
    return outcome(next, tableId(args));
  },
);

export const tableCommands = [
  trackTable,
  addExistingTable,
  untrackTable,
  batch('track_tables', 'track', trackTable),
  batch('untrack_tables', 'untrack', untrackTable),
  setTableCustomization,
  setTableCustomFields,
  setTableIsEnum,
  setApolloFederation,
];
