import type { DelegatedExecutor, DelegatedPlan, DelegatedRequest } from '../execute/index.ts';
import { callRemoteSchema, type RemoteEndpoint } from '../remote-schemas/index.ts';
import { InvariantError, type Json, Path, RequestError, stringifyJson } from '../support/index.ts';
import {
  defaultHeaders,
  type Environment,
  encodeHeaderValue,
  forwardedHeaders,
  type HeaderList,
  mergeHeaders,
  resolveHeaders,
  traceHeaders,
  type WebhookClient,
} from '../webhooks/index.ts';
import { makeOperation } from './operation.ts';
import { readData, readField } from './read-answer.ts';
import type { SentOperation } from './sent.ts';

export interface RemoteQueryOptions {
  readonly client: WebhookClient;
  readonly environment: Environment;
  readonly version: string;
  readonly skipsNulls: boolean;
  /** An answer with data beside errors counts as one without errors. */
  readonly prioritizesData: boolean;
}

/** One document can ask for any number of root fields; this many wait for services at the same time, in one process. */
const mostCallsAtATime = 5_000;

/** Answers root fields of remote schemas, each by a request of its own. Source: spec/remote-schemas.md 6. */
export function createRemoteSchemaExecutor(options: RemoteQueryOptions): DelegatedExecutor {
  const { client, skipsNulls, prioritizesData } = options;
  const operations = new WeakMap<DelegatedPlan, SentOperation>();
  let calls = 0;

  function operationOf(plan: DelegatedPlan): SentOperation {
    const known = operations.get(plan);
    if (known !== undefined) return known;
    const made = makeOperation(plan.field, targetOf(plan), { skipsNulls });
    operations.set(plan, made);
    return made;
  }

  return {
    async execute(plan, request) {
      const { access, operation: kind } = targetOf(plan);
      const { endpoint } = access.schema;
      const operation = operationOf(plan);
      const body = requestBody(operation, kind, request);
      const headers = headersFor(endpoint, request, options);
      if (calls >= mostCallsAtATime) {
        throw new RequestError(
          'busy',
          Path.root,
          'too many requests to remote schemas at the same time, try again',
          { status: 503 },
        );
      }
      calls++;
      const answer = await callRemoteSchema(client, endpoint, {
        headers,
        body,
        signal: request.signal,
      }).finally(() => calls--);
      for (const [name, value] of answer.headers) {
        if (name.toLowerCase() === 'set-cookie') request.onResponseHeader('set-cookie', value);
      }
      return readField(readData(answer.body, prioritizesData), operation.field, access);
    },
  };
}

function targetOf({ target }: DelegatedPlan) {
  if (target.executor === 'remote-schema') return target;
  throw new InvariantError(`fields of "${target.executor}" are none of a remote schema`);
}

function requestBody(
  { selectionText, variables }: SentOperation,
  kind: string,
  { request, session }: DelegatedRequest,
): string {
  const { operationName } = request;
  const declared = variables.map(({ name, type }) => `$${name}: ${type}`).join(',');
  const head = `${operationName ?? ''}${declared === '' ? '' : `(${declared})`}`;
  const values: Record<string, Json> = Object.create(null);
  for (const { name, readValue } of variables) {
    values[name] = readValue({ session, variables: request.variables });
  }
  return stringifyJson({
    query: `${kind} ${head} ${selectionText}`,
    ...(variables.length === 0 ? {} : { variables: values }),
    ...(operationName === null ? {} : { operationName }),
  });
}

/** Source: spec/remote-schemas.md 6.3. */
export function headersFor(
  { headers, forwardsClientHeaders }: RemoteEndpoint,
  { session, clientHeaders }: Pick<DelegatedRequest, 'session' | 'clientHeaders'>,
  { environment, version }: Pick<RemoteQueryOptions, 'environment' | 'version'>,
): HeaderList {
  const ofSession = new Map([...session.variables, ['x-hasura-role', session.role] as const]);
  return mergeHeaders(
    defaultHeaders(version),
    resolveHeaders(headers, environment),
    [...ofSession].map(([name, value]) => [name, encodeHeaderValue(value)] as const),
    forwardsClientHeaders ? forwardedHeaders(clientHeaders) : [],
    traceHeaders(clientHeaders),
  );
}
