/**
 * Postern as a library.
 *
 *     const engine = await createEngine({ databaseUrl: 'postgres://…', adminSecret: '…' });
 *     const response = await engine.fetch(new Request('http://localhost/v1/graphql', { method: 'POST', … }));
 *     await engine.close();
 */
import { makeSession } from './authentication/index.ts';
import type { RuleUse } from './plan/index.ts';
import {
  closeContext,
  completeConfiguration,
  createRouter,
  fetchAdapter,
  openContext,
  type Settings,
} from './server/index.ts';
import { type Json, type JsonObject, parseJson } from './support/index.ts';

export type { RuleUse } from './plan/index.ts';
export { StartError } from './server/index.ts';
export { type Json, type JsonObject, RequestError } from './support/index.ts';

/** The settings of `postern serve` by property name; what is left out has its default. Those of HTTP listening have no effect here. */
export interface EngineOptions extends Partial<Settings> {
  /** Variables that metadata refers to by `from_env`; the process's when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Receives log lines; they are dropped when absent. */
  readonly writeLog?: (lines: string) => void;
}

export interface OperationOfRole {
  readonly role: string;
  /** True: as if the request were trusted and asked for backend-only permissions. */
  readonly usesBackendOnly?: boolean;
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: JsonObject | null;
}

export interface Engine {
  /** Answers a request as the server would: the same paths, headers and errors. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /**
   * Through which rules of the role the operation would read and write; nothing is run. Throws a RequestError where the operation is not valid for the role.
   */
  rulesUsed(operation: OperationOfRole): readonly RuleUse[];
  readonly metadata: {
    /** The metadata document. */
    export(): Promise<Json>;
    /** Runs one command of `/v1/metadata` as admin, e.g. `{ type: 'pg_track_table', args: … }`. Rejects with a RequestError. */
    run(command: Json): Promise<Json>;
    /** Calls back after every change that is in force; the result ends that. */
    onChange(listener: () => void): () => void;
  };
  /** Ends connections once what runs is finished, at most after the deadline. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/**
 * Connects, loads the metadata and reads the databases; resolves once requests can be answered.
 * @throws StartError
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { environment = process.env, writeLog = () => {}, ...settings } = options;
  const configuration = completeConfiguration(settings, environment);
  const context = await openContext(configuration, { writeLog });
  const { runtime } = context;
  const admin = makeSession('admin', new Map());
  const run = async (command: Json): Promise<Json> =>
    parseJson(await runtime.runMetadataCommand('metadata', command, admin));
  return {
    fetch: fetchAdapter(createRouter(configuration), context),
    rulesUsed: ({ role, usesBackendOnly = false, query, operationName = null, variables = null }) =>
      runtime.rulesUsed(
        { query, operationName, variables },
        { ...makeSession(role, new Map()), usesBackendOnly },
      ),
    metadata: {
      run,
      export: () => run({ type: 'export_metadata', args: {} }),
      onChange: (listener) => runtime.onModelChange(listener),
    },
    close: ({ deadlineMs = 10_000 } = {}) => closeContext(context, deadlineMs),
  };
}
