import { type JsonObject, type Path, RequestError } from '../../support/index.ts';
import { boolean, defaulted, object } from '../codec/index.ts';
import { append, upsert } from '../edit.ts';
import { cronTrigger, defaultCronRetry } from '../shapes/cron-trigger.ts';
import type { CronTriggerMetadata, Metadata } from '../types.ts';
import { name } from './arguments.ts';
import { globalCommand, outcome, outcomeOfDrop } from './command.ts';
import { checkTransforms } from './transforms.ts';

const replaceFlag = object('CreateCronTrigger', { replace: defaulted(boolean, false) });

const create = globalCommand(
  {
    name: 'create_cron_trigger',
    args: {
      decode: (value, place) => ({
        ...replaceFlag.decode(value, place),
        trigger: cronTrigger.decode(value, place),
      }),
    },
  },
  ({ replace, trigger }, metadata, { path }) => {
    checkTransforms(trigger, path);
    const { name: called } = trigger;
    if (replace) requireCronTrigger(metadata, called, path);
    else if (isPresent(metadata, called)) {
      throw new RequestError('already-exists', path, `cron trigger with name: ${called} already exists`);
    }
    return outcome(
      {
        ...metadata,
        cron_triggers: replace
          ? upsert(metadata.cron_triggers, trigger, (item) => item.name === called)
          : append(metadata.cron_triggers, trigger),
      },
      { kind: 'other', type: 'cron_trigger', name: called },
    );
  },
);

const drop = globalCommand(
  { name: 'delete_cron_trigger', args: object('ScheduledTriggerName', { name }) },
  ({ name: called }, metadata, { path }) => {
    requireCronTrigger(metadata, called, path);
    return outcomeOfDrop({
      ...metadata,
      cron_triggers: (metadata.cron_triggers ?? []).filter((item) => item.name !== called),
    });
  },
);

const get = globalCommand(
  {
    name: 'get_cron_triggers',
    args: object('get_cron_triggers', {}),
    needsArguments: false,
    isReadOnly: true,
  },
  (_args, metadata) => ({
    metadata,
    result: { cron_triggers: (metadata.cron_triggers ?? []).map(inFull) },
    check: { kind: 'none' },
  }),
);

/** Unlike in the export, nothing is left out that has a default. Source: spec/events.md B1. */
function inFull(trigger: CronTriggerMetadata): JsonObject {
  return {
    headers: [],
    retry_conf: defaultCronRetry,
    // a codec of an object
    ...(cronTrigger.encode(trigger) as JsonObject),
  };
}

/** @throws RequestError `not-exists` */
export function requireCronTrigger(metadata: Metadata, called: string, path: Path): void {
  if (isPresent(metadata, called)) return;
  throw new RequestError('not-exists', path, `cron trigger with name: ${called} does not exist`);
}

function isPresent({ cron_triggers: triggers = [] }: Metadata, called: string): boolean {
  return triggers.some((item) => item.name === called);
}

export const cronTriggerCommands = [create, drop, get];
