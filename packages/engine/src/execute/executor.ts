import type { Bytes } from '../database/index.ts';
import { bindParameters, checkSessionVariables } from './bind.ts';
import { type Executable, makeExecutable } from './executable.ts';
import { explainOperation } from './explain.ts';
import { type InputValidator, runMutation } from './mutations/run-mutation.ts';
import { PlanCache, type PlanKey } from './plan-cache.ts';
import { assemble, runQueries } from './run.ts';
import type { ExecutionInput, Executor, ExecutorOptions, PreparedOperation } from './types.ts';

/** Answers operations. A request whose plan is known costs a look-up, the binding of its values and the statement. */
export function createExecutor<Schema>({
  planner,
  cache,
  validateInput,
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
      if (executable.operation === 'mutation') return mutate(executable, input, validateInput ?? null);
      return runQueries(executable, bindAll(executable, input), input.databases, input.signal);
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
        ]),
        run: (signal) => runQueries(executable, parameters, input.databases, signal),
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

async function mutate<Schema>(
  executable: Executable,
  input: ExecutionInput<Schema>,
  validateInput: InputValidator | null,
): Promise<Bytes> {
  const bindings = bindingsOf(input);
  const { databases, signal, clientHeaders = [] } = input;
  const { program } = executable;
  if (program === null) return assemble(executable, []);
  const checkSession = () => checkSessionVariables(executable, bindings);
  const services = { databases, validateInput, clientHeaders, signal, checkSession };
  return assemble(executable, await runMutation(program, bindings, services));
}
