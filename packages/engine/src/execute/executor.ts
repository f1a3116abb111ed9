import type { Bytes } from '../database/index.ts';
import { during } from '../support/index.ts';
import { bindingsOf, bindParameters, checkSessionVariables } from './bind.ts';
import { entitiesExecutor } from './entities.ts';
import { type Executable, makeExecutable } from './executable.ts';
import { explainOperation } from './explain.ts';
import { type InputValidator, runMutation } from './mutations/run-mutation.ts';
import type { TracePlace } from './mutations/session-query.ts';
import { PlanCache, type PlanKey } from './plan-cache.ts';
import { prepareRun, prepareStream } from './prepare.ts';
import { type Delegates, type RequestInput, RequestServices } from './request-services.ts';
import { assemble, completeColumns, runQueries } from './run.ts';
import { introspectionAlone, runIntrospection } from './run-introspection.ts';
import type { ExecutionInput, Executor, ExecutorOptions, PreparedOperation } from './types.ts';
import { watchWriters } from './watch-statements.ts';

/** Answers operations. A request whose plan is known costs a look-up, the binding of its values and the statement. */
export function createExecutor<Schema>({
  planner,
  cache,
  validateInput,
  readTrace,
  delegated = {},
  remoteFieldJoiner,
}: ExecutorOptions<Schema>): Executor<Schema> {
  const delegates: Delegates = {
    executors: { entities: entitiesExecutor, ...delegated },
    joiner: remoteFieldJoiner ?? null,
  };
  const plans = new PlanCache(cache);

  function executableFor({ request, session, modelId, schema, span }: ExecutionInput<Schema>): Executable {
    const key: PlanKey = {
      modelId,
      role: session.role,
      usesBackendOnly: session.usesBackendOnly,
      api: request.api,
      query: request.query,
      operationName: request.operationName,
    };
    const known = plans.find(key, request.variables);
    if (known !== undefined) return known;
    const work = span?.child('Plan');
    const planned = planner.plan(request, schema());
    const executable = makeExecutable(planned.plan);
    work?.end();
    plans.add(key, request.variables, planned, executable);
    return executable;
  }

  function run(executable: Executable, input: ExecutionInput<Schema>): Promise<Bytes> {
    if (executable.operation === 'mutation') {
      const services = new RequestServices(executable, input, delegates, input.signal);
      const clientHeaders = input.clientHeaders ?? [];
      const trace = input.span ?? readTrace?.(clientHeaders) ?? null;
      return mutate(executable, services, trace, validateInput ?? null);
    }
    const signal = eitherSignal(input.signal, input.clientSignal);
    const alone = input.onPiece === undefined ? null : introspectionAlone(executable);
    if (input.onPiece !== undefined && alone !== null) {
      return runIntrospection(executable, alone, input.onPiece, signal);
    }
    const services = new RequestServices(executable, input, delegates, signal);
    return runQueries(executable, bindAll(executable, input), services);
  }

  return {
    async execute(input) {
      const executable = executableFor(input);
      if (!executable.hasSteps) return run(executable, input);
      return whileHeld(input.databases, () => run(executable, input));
    },

    prepare(input): PreparedOperation {
      const executable = executableFor(input);
      const parameters = bindAll(executable, input);
      return executable.isStream
        ? prepareStream(executable, input, delegates)
        : prepareRun(executable, parameters, input, delegates);
    },

    async explain(input) {
      const executable = executableFor(input);
      checkSessionVariables(executable, bindingsOf(input));
      return explainOperation(executable, bindingsOf(input), input.databases);
    },

    stats: () => plans.stats(),
  };
}

/** What has begun goes on with its databases, though the sources may be connected otherwise meanwhile. */
async function whileHeld<T>(
  databases: ExecutionInput<unknown>['databases'],
  run: () => Promise<T>,
): Promise<T> {
  const releases = [...databases.values()].map((database) => database.hold());
  try {
    return await run();
  } finally {
    for (const release of releases) release();
  }
}

/** All values, before the first statement runs: faults in the request come before missing session variables. */
function bindAll<Schema>(
  executable: Executable,
  input: ExecutionInput<Schema>,
): readonly (readonly (string | null)[])[] {
  const bindings = bindingsOf(input);
  const parameters = executable.statements.map(({ statement }) => bindParameters(statement, bindings));
  checkSessionVariables(executable, bindings);
  return parameters;
}

function eitherSignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other]);
}

/** The webhooks are told that their work is part of the span's. */
function traced(validateInput: InputValidator, parent: RequestInput['span']): InputValidator {
  if (parent == null) return validateInput;
  return (calls, request) => {
    const span = parent.child('Validate input', 'client');
    const clientHeaders = span.carriedBy(request.clientHeaders);
    return during(validateInput(calls, { ...request, clientHeaders }), span);
  };
}

async function mutate(
  executable: Executable,
  services: RequestServices,
  trace: TracePlace | null,
  validateInput: InputValidator | null,
): Promise<Bytes> {
  const { signal, input } = services;
  const bindings = bindingsOf(input);
  const { program } = executable;
  if (program === null) return assemble(executable, []);
  const answers = await runMutation(program, bindings, {
    databases: watchWriters(input.databases, executable, input),
    validateInput: validateInput === null ? null : traced(validateInput, input.span),
    clientHeaders: input.clientHeaders ?? [],
    signal,
    trace,
    answerDelegated: (plan) => services.answerDelegated(plan),
    checkSession: () => checkSessionVariables(executable, bindings),
  });
  return assemble(executable, await completeColumns(answers, executable.sites, services));
}
