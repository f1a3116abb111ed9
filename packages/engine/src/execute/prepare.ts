import { stringifyJson } from '../support/index.ts';
import { bindingsOf, bindParameters } from './bind.ts';
import type { Executable } from './executable.ts';
import { digestOf, identityOf } from './identity.ts';
import { readsOf } from './plan-reads.ts';
import { fieldNames } from './query-tags.ts';
import { type Delegates, type RequestInput, RequestServices } from './request-services.ts';
import { runQueries, runStream } from './run.ts';
import { bindShared, runShared, sharedStatementOf } from './together.ts';
import type { LoggedStatement, OperationReads, PreparedOperation, TogetherRun } from './types.ts';

/** An operation with its values that is run as a whole. */
export function prepareRun(
  executable: Executable,
  parameters: readonly (readonly (string | null)[])[],
  input: RequestInput,
  delegates: Delegates,
): PreparedOperation {
  const { operation, delegated, sites } = executable;
  let isOver = false;
  return {
    kind: operation,
    identity: identityOf(executable, parameters),
    // for subscriptions, which are polled; cached queries do without these
    get key() {
      return JSON.stringify([
        input.modelId,
        digestOf(executable),
        parameters,
        // what others answer, and what is looked up elsewhere, may depend on all of the session
        ...(delegated.length === 0 && sites.size === 0 ? [] : [requestKey(input)]),
      ]);
    },
    get together() {
      return togetherRun(executable, input, delegates);
    },
    get reads() {
      return operationReads(executable, parameters, input);
    },
    statements: () => loggedStatements(executable, (index) => parameters[index] ?? []),
    async run(signal) {
      const services = new RequestServices(executable, input, delegates, signal);
      const answer = await runQueries(executable, parameters, services);
      isOver = delegated.length > 0 && services.isFinal;
      return answer;
    },
    isOver: () => isOver,
  };
}

/** A stream with its values. Streams of one operation share a key wherever they begin. */
export function prepareStream(
  executable: Executable,
  input: RequestInput,
  delegates: Delegates,
): PreparedOperation {
  const bindings = bindingsOf(input);
  const bind = (cursor: string | null): readonly (string | null)[] =>
    executable.statements.flatMap(({ statement }) =>
      bindParameters(statement, cursor === null ? bindings : { ...bindings, streamCursor: cursor }),
    );
  const batch = (cursor: string | null, signal?: AbortSignal) =>
    runStream(executable, bind(cursor), new RequestServices(executable, input, delegates, signal));
  return {
    kind: executable.operation,
    identity: null,
    key: JSON.stringify([input.modelId, digestOf(executable), 'stream', bind('')]),
    together: togetherRun(executable, input, delegates),
    reads: operationReads(executable, [bind(null)], input),
    statements: () => loggedStatements(executable, () => bind(null)),
    run: async (signal) => (await batch(null, signal)).answer,
    isOver: () => false,
    stream: { start: JSON.stringify(bind(null)), batch },
  };
}

function togetherRun(executable: Executable, input: RequestInput, delegates: Delegates): TogetherRun | null {
  const shared = sharedStatementOf(executable);
  if (shared === null) return null;
  const bindings = bindingsOf(input);
  return {
    group: JSON.stringify([input.modelId, input.session.role, digestOf(executable), shared.digest]),
    text: shared.statement.text,
    values: (cursor) =>
      bindShared(shared, cursor === null ? bindings : { ...bindings, streamCursor: cursor }),
    run: (sets, signal) => {
      const { databases } = new RequestServices(executable, input, delegates, signal);
      return runShared(shared, sets, databases, signal);
    },
  };
}

/** What PostgreSQL reads as a time that depends on when it reads it. Source: PostgreSQL manual, "Date/Time Input", special values. */
const clockWords = /now|today|tomorrow|yesterday/i;

/** Null where replicas answer, which are behind one another. */
function operationReads(
  executable: Executable,
  parameters: readonly (readonly (string | null)[])[],
  { databases, readers }: RequestInput,
): OperationReads | null {
  const { statements, delegated, sites, plan } = executable;
  const [only] = statements;
  if (only === undefined || statements.length > 1 || delegated.length > 0 || sites.size > 0) return null;
  const { relations, functions, hasDeclaredCode } = readsOf(plan);
  if (hasDeclaredCode || parameters.flat().some((text) => text !== null && clockWords.test(text)))
    return null;
  const database = databases.get(only.source);
  if (database === undefined || (readers?.get(only.source) ?? database) !== database) return null;
  return { database, relations, functions };
}

function loggedStatements(
  { statements, plan }: Executable,
  parametersOf: (index: number) => readonly (string | null)[],
): readonly LoggedStatement[] {
  return statements.map(({ source, statement: { text } }, index) => {
    return { source, fields: fieldNames(plan.fields, source), text, parameters: parametersOf(index) };
  });
}

/** Whatever others may look at when they answer. */
function requestKey({ request, session }: RequestInput): string {
  const { query, operationName, variables } = request;
  return stringifyJson([
    query,
    operationName,
    variables,
    session.role,
    Object.fromEntries(session.variables),
  ]);
}
