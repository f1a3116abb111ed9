import { isJsonObject, type Json, type Path, RequestError } from '../../support/index.ts';
import { boolean, defaulted, duplicates, json, object, Place, quoteAll, required } from '../codec/index.ts';
import { emptyMetadata, exportMetadata, type ReadDocument, readDocument } from '../document.ts';
import { displayName } from '../names.ts';
import type { Metadata, SourceMetadata } from '../types.ts';
import { type CommandDefinition, globalCommand, outcomeOfDrop } from './command.ts';

const exportCommand = globalCommand(
  { name: 'export_metadata', args: json, needsArguments: false, isReadOnly: true },
  (_args, metadata, { version, resourceVersion }) => ({
    metadata,
    result:
      version === 1
        ? exportMetadata(metadata)
        : { resource_version: resourceVersion, metadata: exportMetadata(metadata) },
    check: { kind: 'none' },
  }),
);

/** All goes but a source named `default`, which stays without tables. */
const clear = globalCommand(
  { name: 'clear_metadata', args: json, needsArguments: false },
  (_args, metadata) => {
    const kept = metadata.sources.find(({ name }) => name === 'default');
    if (kept === undefined) return outcomeOfDrop(emptyMetadata);
    const { name, kind, configuration } = kept;
    return outcomeOfDrop({ ...emptyMetadata, sources: [{ name, kind, tables: [], configuration }] });
  },
);

interface ReplaceArguments {
  readonly document: ReadDocument;
  readonly allowsInconsistent: boolean;
  readonly allowsWarnings: boolean;
  readonly reports: boolean;
}

const objectForm = object('ReplaceMetadataV2', {
  metadata: required(json),
  allow_inconsistent_metadata: defaulted(boolean, false),
  allow_warnings: defaulted(boolean, true),
});

/** The document alone, or an object with it. Source: spec/metadata-api.md 3.7. */
function decodeReplacement(value: Json, place: Place, version: 1 | 2): ReplaceArguments {
  if (version === 1 && !(isJsonObject(value) && 'metadata' in value)) {
    return {
      document: readDocument(value, new Place(place.path, 'refuse')),
      allowsInconsistent: false,
      allowsWarnings: true,
      reports: false,
    };
  }
  const given = objectForm.decode(value, place);
  return {
    document: readDocument(given.metadata, new Place(place.path.child('metadata'), 'refuse')),
    allowsInconsistent: given.allow_inconsistent_metadata,
    allowsWarnings: given.allow_warnings,
    reports: true,
  };
}

const replace: CommandDefinition = {
  name: 'replace_metadata',
  scope: 'global',
  needsArguments: true,
  bind(value, { place, path, version }) {
    const { document, ...check } = decodeReplacement(value, place, version);
    return {
      kind: 'metadata',
      name: 'replace_metadata',
      path,
      isReadOnly: false,
      isAdminOnly: true,
      apply(current) {
        const metadata = withHiddenCronTriggers(document.complete(current, path), current, path);
        refuseRepeatedTriggers(metadata, path);
        const warnings = illegalTriggerNames(metadata, current);
        if (warnings.length > 0 && !check.allowsWarnings) {
          throw new RequestError('metadata-warnings', path, 'failed due to metadata warnings', {
            internal: warnings,
          });
        }
        const result: Json = { message: 'success', ...(warnings.length === 0 ? {} : { warnings }) };
        return { metadata, result, check: { kind: 'replace', ...check } };
      },
    };
  },
};

/** Cron triggers that are not exported are not replaced either. @throws RequestError when an exported one has the name of one of them */
function withHiddenCronTriggers(metadata: Metadata, current: Metadata, path: Path): Metadata {
  const given = new Map((metadata.cron_triggers ?? []).map((trigger) => [trigger.name, trigger]));
  const hidden = (current.cron_triggers ?? []).filter((trigger) => !trigger.include_in_metadata);
  const taken = hidden.find(({ name }) => given.get(name)?.include_in_metadata === true);
  if (taken !== undefined) {
    throw new RequestError(
      'already-exists',
      path,
      `cron trigger with name "${taken.name}" already exists as a cron trigger with "included_in_metadata" as false`,
    );
  }
  const kept = hidden.filter(({ name }) => !given.has(name));
  return kept.length === 0 ? metadata : { ...metadata, cron_triggers: [...given.values(), ...kept] };
}

function refuseRepeatedTriggers(metadata: Metadata, path: Path): void {
  const repeated = duplicates(metadata.sources.flatMap(triggerNames));
  if (repeated.length === 0) return;
  throw new RequestError(
    'not-supported',
    path,
    `Event trigger with duplicate names not allowed: ${quoteAll(repeated)}`,
  );
}

/** Of the triggers that come to sources that were there before. */
function illegalTriggerNames(metadata: Metadata, current: Metadata): Json[] {
  return metadata.sources.flatMap(({ name: source, tables }) => {
    const before = current.sources.find(({ name }) => name === source);
    if (before === undefined) return [];
    const known = new Set(triggerNames(before));
    return tables.flatMap(({ table, event_triggers: triggers = [] }) =>
      triggers
        .filter(({ name }) => !known.has(name) && !/^[A-Za-z0-9_-]+$/.test(name))
        .map(({ name }) => ({
          message: `The event trigger with name "${name}" may not work as expected, hasura suggests to use only alphanumeric, underscore and hyphens in an event trigger name`,
          type: 'event_trigger',
          name: `event_trigger ${name} in table ${displayName(table)} in source ${source}`,
          code: 'illegal-event-trigger-name',
        })),
    );
  });
}

function triggerNames({ tables }: SourceMetadata): string[] {
  return tables.flatMap(({ event_triggers: triggers = [] }) => triggers.map(({ name }) => name));
}

export const wholeCommands = [exportCommand, clear, replace];
