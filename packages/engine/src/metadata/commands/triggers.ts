import type { QualifiedName } from '../../catalog/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import {
  boolean,
  type Decoder,
  defaulted,
  jsonObject,
  object,
  optional,
  required,
  text,
} from '../codec/index.ts';
import { findSource, requireTable, updateTable, upsert } from '../edit.ts';
import { headers, requestTransform, responseTransform } from '../shapes/common.ts';
import { isSameName } from '../names.ts';
import { eventTriggerName, retryConfiguration, triggerOperation } from '../shapes/event-trigger.ts';
import type { EventTriggerMetadata, Metadata } from '../types.ts';
import { name, source, table } from './arguments.ts';
import { outcome, outcomeOfDrop, sourceCommand } from './command.ts';
import { cleanUpCommands } from './clean-ups.ts';
import { dropObject } from './drop.ts';
import { checkTransforms } from './transforms.ts';

const fields = object('CreateEventTriggerQuery', {
  source,
  name: required(eventTriggerName),
  table,
  insert: optional(triggerOperation),
  update: optional(triggerOperation),
  delete: optional(triggerOperation),
  enable_manual: defaulted(boolean, false),
  retry_conf: defaulted(retryConfiguration, { interval_sec: 10, num_retries: 0, timeout_sec: 60 }),
  webhook: optional(text),
  webhook_from_env: optional(text),
  headers: optional(headers),
  replace: defaulted(boolean, false),
  request_transform: optional(requestTransform),
  response_transform: optional(responseTransform),
  cleanup_config: optional(jsonObject('AutoTriggerLogCleanupConfig')),
  trigger_on_replication: optional(boolean),
});

interface CreateArguments {
  readonly source: string;
  readonly table: QualifiedName;
  readonly replace: boolean;
  readonly trigger: EventTriggerMetadata;
}

/** Flat arguments become the stored shape. Source: spec/metadata-api.md 3.10. */
const createArguments: Decoder<CreateArguments> = {
  decode(value, place) {
    const {
      source: of,
      table: at,
      replace,
      insert,
      update,
      delete: deletion,
      enable_manual,
      ...rest
    } = fields.decode(value, place);
    const { webhook, webhook_from_env: variable, retry_conf } = rest;
    if (webhook !== undefined && variable !== undefined) {
      return place.fail('only one of webhook or webhook_from_env should be given');
    }
    if (insert === undefined && update === undefined && deletion === undefined && !enable_manual) {
      return place.fail('atleast one amongst insert/update/delete/enable_manual spec must be provided');
    }
    if (webhook === undefined && variable === undefined) {
      return place.fail('must provide webhook or webhook_from_env');
    }
    for (const operation of [insert, update, deletion]) {
      if (operation?.columns.length === 0) return place.fail('found empty column specification');
      if (operation?.payload?.length === 0) return place.fail('found empty payload specification');
    }
    const definition = {
      enable_manual,
      ...(insert === undefined ? {} : { insert }),
      ...(update === undefined ? {} : { update }),
      ...(deletion === undefined ? {} : { delete: deletion }),
    };
    return { source: of, table: at, replace, trigger: { ...rest, definition, retry_conf } };
  },
};

/** Names of triggers are unique in a source. */
export function findTrigger(
  metadata: Metadata,
  of: string,
  called: string,
): { readonly table: QualifiedName; readonly trigger: EventTriggerMetadata } | null {
  for (const candidate of findSource(metadata, of)?.tables ?? []) {
    const trigger = candidate.event_triggers?.find((item) => item.name === called);
    if (trigger !== undefined) return { table: candidate.table, trigger };
  }
  return null;
}

const createEventTrigger = sourceCommand(
  { name: 'create_event_trigger', args: createArguments },
  ({ source: of, table: at, replace, trigger }, metadata, { path }) => {
    requireTable(metadata, of, at, path);
    checkTransforms(trigger, path);
    const present = findTrigger(metadata, of, trigger.name);
    if (replace) {
      if (present === null) throw noTrigger(trigger.name, path);
      if (!isSameName(present.table, at)) {
        throw new RequestError('not-supported', path, 'cannot replace table or schema for trigger');
      }
    } else if (
      metadata.sources.some(({ name: other }) => findTrigger(metadata, other, trigger.name) !== null)
    ) {
      // also of another source: several sources may be one database
      throw new RequestError(
        'already-exists',
        path,
        `Event trigger with name "${trigger.name}" already exists`,
      );
    }
    const next = updateTable(metadata, of, at, (found) => ({
      ...found,
      event_triggers: upsert(found.event_triggers, trigger, (item) => item.name === trigger.name),
    }));
    return outcome(next, { kind: 'event-trigger', source: of, table: at, name: trigger.name });
  },
);

const deleteEventTrigger = sourceCommand(
  { name: 'delete_event_trigger', args: object('DeleteEventTriggerQuery', { source, name }) },
  ({ source: of, name: called }, metadata, context) => {
    const present = findTrigger(metadata, of, called);
    if (present === null) throw noTrigger(called, context.path);
    return outcomeOfDrop(
      dropObject(
        metadata,
        { kind: 'event-trigger', source: of, table: present.table, name: called },
        false,
        context,
      ),
    );
  },
);

function noTrigger(called: string, path: Path): RequestError {
  return new RequestError('not-exists', path, `event trigger "${called}" does not exist`);
}

export const triggerCommands = [createEventTrigger, deleteEventTrigger, ...cleanUpCommands];
