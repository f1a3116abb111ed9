import { Buffer } from 'node:buffer';
import type { Bytes } from '../database/index.ts';
import { InvariantError, parseJson, stringifyJson } from '../support/index.ts';
import { bindParameters, checkSessionVariables } from './bind.ts';
import type { DelegatedExecutors, DelegatedPlan, PendingJoin } from './delegated.ts';
import { type Executable, makeExecutable } from './executable.ts';
import { explainOperation } from './explain.ts';
import { resolveJoins } from './joins/resolve-joins.ts';
import { type JoinSite, pendingAt } from './joins/sites.ts';
import { type InputValidator, runMutation } from './mutations/run-mutation.ts';
import { PlanCache, type PlanKey } from './plan-cache.ts';
import { assemble, completeColumns, type QueryServices, runQueries } from './run.ts';
import { textOf } from './text-of.ts';
import type { ExecutionInput, Executor, ExecutorOptions, PreparedOperation } from './types.ts';

/** Answers operations. A request whose plan is known costs a look-up, the binding of its values and the statement. */
export function createExecutor<Schema>({
  planner,
  cache,
  validateInput,
  delegated = {},
}: ExecutorOptions<Schema>): Executor<Schema> {
  const plans = new PlanCache(cache);

  function executableFor({ request, session, modelId, schema }: ExecutionInput<Schema>): Executable {
    const key: PlanKey = {
      modelId,
      role: session.role,
      usesBackendOnly: session.usesBackendOnly,
      query: request.query,
      operationName: request.operationName,
    };
    const known = plans.find(key, request.variables);
    if (known !== undefined) return known;
    const planned = planner.plan(request, schema());
    const executable = makeExecutable(planned.plan);
    plans.add(key, request.variables, planned, executable);
    return executable;
  }

  return {
    async execute(input) {
      const executable = executableFor(input);
      if (executable.operation === 'mutation') {
        const services = new RequestServices(executable, input, delegated, input.signal);
        return mutate(executable, services, validateInput ?? null);
      }
      const signal = eitherSignal(input.signal, input.clientSignal);
      const services = new RequestServices(executable, input, delegated, signal);
      return runQueries(executable, bindAll(executable, input), services);
    },

    prepare(input): PreparedOperation {
      const executable = executableFor(input);
      const parameters = bindAll(executable, input);
      return {
        kind: executable.operation,
        key: JSON.stringify([
          input.modelId,
          executable.statements.map(({ source, statement }) => [source, statement.text]),
          parameters,
          executable.layout.map((piece) => (typeof piece === 'number' ? piece : piece.toString())),
          ...(executable.delegated.length === 0 ? [] : [requestKey(input)]),
        ]),
        run: (signal) =>
          runQueries(executable, parameters, new RequestServices(executable, input, delegated, signal)),
      };
    },

    async explain(input) {
      const executable = executableFor(input);
      checkSessionVariables(executable, bindingsOf(input));
      return explainOperation(executable, bindingsOf(input), input.databases);
    },

    stats: () => plans.stats(),
  };
}

function bindingsOf<Schema>({ request, session }: ExecutionInput<Schema>) {
  return { session, variables: request.variables };
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

/** Whatever others may look at when they answer. */
function requestKey<Schema>({ request, session }: ExecutionInput<Schema>): string {
  const { query, operationName, variables } = request;
  return stringifyJson([
    query,
    operationName,
    variables,
    session.role,
    Object.fromEntries(session.variables),
  ]);
}

/** What one request needs besides its statements. */
class RequestServices<Schema> implements QueryServices {
  readonly databases: QueryServices['databases'];
  readonly signal: AbortSignal | undefined;
  readonly input: ExecutionInput<Schema>;
  readonly #executable: Executable;
  readonly #delegated: DelegatedExecutors;

  constructor(
    executable: Executable,
    input: ExecutionInput<Schema>,
    delegated: DelegatedExecutors,
    signal: AbortSignal | undefined,
  ) {
    this.databases = input.databases;
    this.signal = signal;
    this.input = input;
    this.#executable = executable;
    this.#delegated = delegated;
  }

  readonly answerDelegated = async (plan: DelegatedPlan): Promise<Bytes | null> => {
    const { executor: name } = plan.target;
    const executor = this.#delegated[name];
    if (executor === undefined) throw new InvariantError(`nobody answers fields of "${name}"`);
    const { request, session, clientHeaders = [], onResponseHeader = ignore } = this.input;
    const answer = await executor.execute(plan, {
      request,
      session,
      clientHeaders,
      signal: this.signal,
      onResponseHeader,
    });
    await this.#resolve(answer.joins);
    return [Buffer.from(stringifyJson(answer.value))];
  };

  readonly complete = async (column: Bytes | null, sites: readonly JoinSite[]): Promise<Bytes | null> => {
    const text = textOf(column);
    if (text === null) return null;
    const value = parseJson(text);
    await this.#resolve(pendingAt(value, sites));
    return [Buffer.from(stringifyJson(value))];
  };

  #resolve(pending: readonly PendingJoin[]): Promise<void> {
    const { databases, signal, input } = this;
    const { joins } = this.#executable;
    return resolveJoins(pending, { joins, bindings: bindingsOf(input), databases, signal });
  }
}

function ignore(): void {}

async function mutate<Schema>(
  executable: Executable,
  services: RequestServices<Schema>,
  validateInput: InputValidator | null,
): Promise<Bytes> {
  const { databases, signal, answerDelegated, input } = services;
  const bindings = bindingsOf(input);
  const { program } = executable;
  if (program === null) return assemble(executable, []);
  const answers = await runMutation(program, bindings, {
    databases,
    validateInput,
    clientHeaders: input.clientHeaders ?? [],
    signal,
    answerDelegated,
    checkSession: () => checkSessionVariables(executable, bindings),
  });
  return assemble(executable, await completeColumns(answers, executable.sites, services));
}
