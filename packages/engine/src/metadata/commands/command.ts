import type { Json, Path } from '../../support/index.ts';
import type { Decoder, Place } from '../codec/index.ts';
import type { CatalogFacts } from '../dependencies/index.ts';
import type { MetadataObjectId } from '../object-id.ts';
import type { Metadata } from '../types.ts';
import type { RuntimeRequest } from './runtime-requests.ts';

/** What must hold once the model is built from the next document. Source: spec/metadata-api.md 4.3. */
export type ConsistencyCheck =
  /**
   * An inconsistency of `object` is reported as `invalid-configuration` with its reason; a new one elsewhere as 400
   * `cannot continue due to new inconsistent metadata`.
   */
  | {
      readonly kind: 'object';
      readonly object: MetadataObjectId;
      /** The fault is reported in its own words and with its own code. */
      readonly reportsCause?: boolean;
    }
  /** A new inconsistency is reported as 500 `cannot continue due to newly found inconsistent metadata`. */
  | { readonly kind: 'rest' }
  /** `replace_metadata` decides for itself; `reports` says that the answer lists the inconsistent objects. */
  | {
      readonly kind: 'replace';
      readonly allowsInconsistent: boolean;
      readonly allowsWarnings: boolean;
      readonly reports: boolean;
    }
  /** Nothing that the model depends on changed. */
  | { readonly kind: 'none' };

export interface CommandOutcome {
  /** The next document; the same object when nothing changed. */
  readonly metadata: Metadata;
  /** The answer, usually `{"message":"success"}`. */
  readonly result: Json;
  readonly check: ConsistencyCheck;
  /** The action whose calls are to be forgotten once the document is stored. */
  readonly forgetsCallsOf?: string;
}

export interface CommandContext {
  /** Where the arguments stand: `$.args`, in a bulk `$.args[1].args`. */
  readonly path: Path;
  readonly catalog: CatalogFacts;
  /** The stored version, which `export_metadata` version 2 answers. */
  readonly resourceVersion: number;
  /** Tables that are untracked in the same request, by `objectKey`: their objects stand in nobody's way and go, too. */
  readonly leaving?: ReadonlySet<string>;
  /** Objects that are inconsistent, by `objectKey`: for what is added to the metadata they are not there. */
  readonly inconsistent: ReadonlySet<string>;
}

interface CommandBase {
  /** Canonical name, without the prefix of a source kind. */
  readonly name: string;
  /** Where the arguments stand; errors of execution begin here. */
  readonly path: Path;
  /** True: ignores `resource_version` and changes nothing in the metadata. */
  readonly isReadOnly: boolean;
  /** False: other roles than `admin` may use it at `/v1/query`. */
  readonly isAdminOnly: boolean;
}

/** A pure function of the metadata. */
export interface MetadataCommand extends CommandBase {
  readonly kind: 'metadata';
  /** @throws RequestError */
  apply(metadata: Metadata, context: Omit<CommandContext, 'path'>): CommandOutcome;
}

/** Needs the database, the model or another part of the engine: `runtime/` runs it. */
export interface RuntimeCommand extends CommandBase {
  readonly kind: 'runtime';
  readonly request: RuntimeRequest;
}

/** Several commands. Source: spec/metadata-api.md 1.5, 5.1. */
export interface BulkCommand extends CommandBase {
  readonly kind: 'bulk';
  /** `concurrent`: read-only items of `/v2/query`, in parallel. */
  readonly mode: 'stop' | 'keep-going' | 'atomic' | 'concurrent';
  readonly commands: readonly Command[];
}

/** `track_tables`, `untrack_tables`: what fails becomes a warning. Source: spec/metadata-api.md 3.2. */
export interface TableBatchCommand extends CommandBase {
  readonly kind: 'table-batch';
  readonly action: 'track' | 'untrack';
  readonly allowsWarnings: boolean;
  readonly items: readonly { readonly object: MetadataObjectId; readonly command: MetadataCommand }[];
}

export type Command = MetadataCommand | RuntimeCommand | BulkCommand | TableBatchCommand;

/** How a command was called. */
export interface Invocation {
  /** Where the arguments stand for errors of their shape. */
  readonly place: Place;
  /** Where they stand for errors of execution. */
  readonly path: Path;
  /** Kind of the sources that the command is for, from its prefix. */
  readonly sourceKind: string;
  readonly version: 1 | 2;
}

/** One row of the table of commands. */
export interface CommandDefinition {
  readonly name: string;
  /** `source`: carries the prefix of the source's kind at `/v1/metadata`. */
  readonly scope: 'source' | 'global';
  /** False: `args` may be missing. */
  readonly needsArguments: boolean;
  /** @throws RequestError `parse-failed` */
  bind(args: Json, invocation: Invocation): Command;
}

export const success: Json = { message: 'success' };

export function outcome(metadata: Metadata, object: MetadataObjectId): CommandOutcome {
  return { metadata, result: success, check: { kind: 'object', object } };
}

/** As `outcome`, but a fault of the object is reported in its own words. */
export function outcomeWithCause(metadata: Metadata, object: MetadataObjectId): CommandOutcome {
  return { metadata, result: success, check: { kind: 'object', object, reportsCause: true } };
}

export function outcomeOfDrop(metadata: Metadata): CommandOutcome {
  return { metadata, result: success, check: { kind: 'rest' } };
}

export function outcomeWithoutCheck(metadata: Metadata, result: Json = success): CommandOutcome {
  return { metadata, result, check: { kind: 'none' } };
}

interface Options<A> {
  readonly name: string;
  readonly args: Decoder<A>;
  readonly needsArguments?: boolean;
  readonly isReadOnly?: boolean;
}

export type Handler<A> = (
  args: A,
  metadata: Metadata,
  context: CommandContext & Pick<Invocation, 'sourceKind' | 'version'>,
) => CommandOutcome;

function definition<A>(
  scope: 'source' | 'global',
  options: Options<A>,
  handle: Handler<A>,
): CommandDefinition {
  const { name } = options;
  return {
    name,
    scope,
    needsArguments: options.needsArguments ?? true,
    bind(json, { place, path, sourceKind, version }) {
      const args = options.args.decode(json, place);
      return {
        kind: 'metadata',
        name,
        path,
        isReadOnly: options.isReadOnly ?? false,
        isAdminOnly: true,
        apply: (metadata, context) => handle(args, metadata, { ...context, path, sourceKind, version }),
      };
    },
  };
}

/** A command of one source: `pg_…` at `/v1/metadata`, without prefix at `/v1/query`. */
export function sourceCommand<A>(options: Options<A>, handle: Handler<A>): CommandDefinition {
  return definition('source', options, handle);
}

export function globalCommand<A>(options: Options<A>, handle: Handler<A>): CommandDefinition {
  return definition('global', options, handle);
}
