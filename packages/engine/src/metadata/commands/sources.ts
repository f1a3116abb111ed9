import { RequestError } from '../../support/index.ts';
import { boolean, defaulted, nonEmptyText, object, optional, required } from '../codec/index.ts';
import { renameSource } from '../dependencies/index.ts';
import { append, findSource, requireSource, updateSource, withOptional } from '../edit.ts';
import {
  healthCheck,
  isEmptyCustomization,
  queryTags,
  sourceConfiguration,
  sourceCustomization,
} from '../shapes/source-configuration.ts';
import type { SourceMetadata } from '../types.ts';
import { cascade, name } from './arguments.ts';
import { globalCommand, outcome, outcomeWithoutCheck, sourceCommand } from './command.ts';
import { dropObject } from './drop.ts';

const addSource = sourceCommand(
  {
    name: 'add_source',
    args: object('AddSource', {
      name,
      configuration: required(sourceConfiguration),
      replace_configuration: defaulted(boolean, false),
      customization: optional(sourceCustomization),
      health_check: optional(healthCheck),
    }),
  },
  (args, metadata, { path, sourceKind }) => {
    const present = findSource(metadata, args.name);
    if (present !== undefined && !args.replace_configuration) {
      throw new RequestError('already-exists', path, `source with name "${args.name}" already exists`);
    }
    const { customization } = args;
    const named =
      customization === undefined || isEmptyCustomization(customization) ? undefined : customization;
    const base = present ?? { name: args.name, kind: sourceKind, tables: [] };
    const settings = withOptional({ ...base, configuration: args.configuration }, 'customization', named);
    // the check of its health is not part of what is replaced
    const next =
      present === undefined
        ? {
            ...metadata,
            sources: append(metadata.sources, withOptional(settings, 'health_check', args.health_check)),
          }
        : updateSource(metadata, args.name, () => settings);
    return outcome(next, { kind: 'source', source: args.name });
  },
);

const updateSourceCommand = sourceCommand(
  {
    name: 'update_source',
    args: object('UpdateSource', {
      name,
      configuration: optional(sourceConfiguration),
      customization: optional(sourceCustomization),
      health_check: optional(healthCheck),
    }),
  },
  ({ name: source, ...given }, metadata, { path }) => {
    requireSource(metadata, source, path);
    const next = updateSource(metadata, source, (found): SourceMetadata => ({ ...found, ...given }));
    return outcome(next, { kind: 'source', source });
  },
);

const dropSource = sourceCommand(
  { name: 'drop_source', args: object('DropSource', { name, cascade }) },
  (args, metadata, context) => {
    requireSource(metadata, args.name, context.path);
    const id = { kind: 'source', source: args.name } as const;
    return outcome(dropObject(metadata, id, args.cascade, context), id);
  },
);

const renameSourceCommand = globalCommand(
  { name: 'rename_source', args: object('RenameSource', { name, new_name: required(nonEmptyText) }) },
  ({ name: from, new_name: to }, metadata, { path, catalog }) => {
    if (findSource(metadata, from) === undefined) {
      throw new RequestError('not-exists', path, `Could not find source with name "${from}"`);
    }
    if (findSource(metadata, to) !== undefined) {
      throw new RequestError('already-exists', path, `Source with name "${to}" already exists`);
    }
    return outcome(renameSource(metadata, from, to, catalog), { kind: 'source', source: to });
  },
);

const queryTagsArguments = object('SetQueryTagsConfig', { source_name: required(nonEmptyText) });

const setQueryTags = globalCommand(
  {
    name: 'set_query_tags',
    args: {
      decode: (value, place) => ({
        source: queryTagsArguments.decode(value, place).source_name,
        tags: queryTags.decode(value, place),
      }),
    },
  },
  ({ source, tags }, metadata, { path }) => {
    requireSource(metadata, source, path);
    return outcomeWithoutCheck(updateSource(metadata, source, (found) => ({ ...found, query_tags: tags })));
  },
);

export const sourceCommands = [addSource, updateSourceCommand, dropSource, renameSourceCommand, setQueryTags];
