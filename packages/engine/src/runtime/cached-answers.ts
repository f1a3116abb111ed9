import { createHash } from 'node:crypto';
import type { Bytes } from '../database/index.ts';
import type { ExecutionInput, Executor } from '../execute/index.ts';
import type { CacheWish, ResponseCache } from '../response-cache/index.ts';
import type { RoleSchema } from '../schema/index.ts';
import type { EngineState } from './draft.ts';
import type { ConnectedSources } from './source-registry.ts';
import type { RequestOptions } from './types.ts';

/**
 * What all answers of a state have in common. In this process that is the model; between engines it is the version of the metadata, and how the sources are
 * connected, which may differ where settings come from the environment.
 */
export function cacheScope(
  { model, resourceVersion, sources }: Pick<EngineState, 'model' | 'resourceVersion' | 'sources'>,
  { isShared }: ResponseCache,
): string {
  return isShared ? `${resourceVersion} ${digestOf(sources)}` : String(model.id);
}

function digestOf(sources: ConnectedSources): string {
  const keys = [...sources.values()].map(({ name, connectionKey }) => [name, connectionKey]).sort();
  return createHash('sha256').update(JSON.stringify(keys)).digest('hex');
}

/** Answers a query that asks for the cache. Rejects, or throws, as the executor does. */
export async function answerCached(
  wish: CacheWish,
  input: ExecutionInput<RoleSchema>,
  services: {
    readonly answers: ResponseCache;
    readonly executor: Executor<RoleSchema>;
    readonly scope: string;
    readonly onCacheHeader: RequestOptions['onCacheHeader'];
  },
): Promise<Bytes> {
  const { answers, executor, scope, onCacheHeader = ignore } = services;
  // faults in the request, and session variables that are missing, are found before anything is looked up
  const { identity, run } = executor.prepare(input);
  if (identity === null) return executor.execute(input);
  const { request, session, signal, clientSignal } = input;
  return answers.answer({
    wish,
    origin: { scope, session, variables: request.variables, identity },
    run,
    signal:
      signal === undefined || clientSignal === undefined
        ? (signal ?? clientSignal)
        : AbortSignal.any([signal, clientSignal]),
    onHeader: onCacheHeader,
  });
}

function ignore(): void {}
