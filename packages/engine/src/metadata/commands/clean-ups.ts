/** Pausing and resuming the clean-up of event logs. Source: spec/events.md A6. */
import { type Json, type Path, RequestError } from '../../support/index.ts';
import { type Decoder, list, nonEmptyText, object, required } from '../codec/index.ts';
import { findSource, updateSource } from '../edit.ts';
import type { Metadata, SourceMetadata } from '../types.ts';
import { type CommandDefinition, globalCommand, outcomeWithoutCheck } from './command.ts';

/** `triggers` null: all of the source that have a clean-up. */
interface Chosen {
  readonly source: string;
  readonly triggers: readonly string[] | null;
}

/** Null: all sources. */
type Choice = readonly Chosen[] | null;

const outer = object('TriggerLogCleanupToggleConfig', {
  event_triggers: required<Json>({ decode: (value) => value, encode: (value) => value }),
});
const bySource = object('TriggerLogCleanupSources', {
  sources: required<Json>({ decode: (value) => value, encode: (value) => value }),
});
const byTrigger = list(
  object('EventTriggerQualifier', {
    source_name: required(nonEmptyText),
    event_triggers: required(list(nonEmptyText)),
  }),
);

const choice: Decoder<Choice> = {
  decode(value, place) {
    const { event_triggers: given } = outer.decode(value, place);
    const at = place.child('event_triggers');
    if (Array.isArray(given)) {
      return byTrigger
        .decode(given, at)
        .map(({ source_name: source, event_triggers: triggers }) => ({ source, triggers }));
    }
    const { sources } = bySource.decode(given, at);
    if (sources === '*') return null;
    return list(nonEmptyText)
      .decode(sources, at.child('sources'))
      .map((source) => ({ source, triggers: null }));
  },
};

function toggle(name: string, paused: boolean): CommandDefinition {
  return globalCommand({ name, args: choice }, (chosen, metadata, { path }) => {
    const all = chosen ?? metadata.sources.map(({ name: source }) => ({ source, triggers: null }));
    return outcomeWithoutCheck(
      all.reduce((document, { source, triggers }) => {
        const found = findSource(document, source);
        if (found === undefined) {
          throw new RequestError('not-exists', path, `source with name ${source} does not exists`);
        }
        for (const trigger of triggers ?? []) requireCleanUp(found, trigger, path);
        return setPaused(document, source, triggers, paused);
      }, metadata),
    );
  });
}

function requireCleanUp({ tables }: SourceMetadata, trigger: string, path: Path): void {
  const found = tables
    .flatMap(({ event_triggers: triggers = [] }) => triggers)
    .find(({ name }) => name === trigger);
  if (found?.cleanup_config !== undefined) return;
  throw new RequestError('not-exists', path, `cleanup config does not exist for ${trigger}`);
}

function setPaused(
  metadata: Metadata,
  source: string,
  chosen: readonly string[] | null,
  paused: boolean,
): Metadata {
  return updateSource(metadata, source, (found) => ({
    ...found,
    tables: found.tables.map((table) =>
      table.event_triggers === undefined
        ? table
        : {
            ...table,
            event_triggers: table.event_triggers.map((trigger) =>
              trigger.cleanup_config === undefined || chosen?.includes(trigger.name) === false
                ? trigger
                : { ...trigger, cleanup_config: { ...trigger.cleanup_config, paused } },
            ),
          },
    ),
  }));
}

export const cleanUpCommands = [
  toggle('resume_event_trigger_cleanups', false),
  toggle('pause_event_trigger_cleanups', true),
];
