import type { Bytes } from '../database/index.ts';
import { InvariantError } from '../support/index.ts';
import { bindParameters, checkSessionVariables } from './bind.ts';
import { type Executable, makeExecutable } from './executable.ts';
import { explainOperation } from './explain.ts';
import { PlanCache, type PlanKey } from './plan-cache.ts';
import { runQueries } from './run.ts';
import type { ExecutionInput, Executor, ExecutorOptions, PreparedOperation } from './types.ts';

/** Answers operations. A request whose plan is known costs a look-up, the binding of its values and the statement. */
export function createExecutor<Schema>({ planner, cache }: ExecutorOptions<Schema>): Executor<Schema> {
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
    const { plan, structuralVariables } = planner.plan(request, schema());
    const executable = makeExecutable(plan);
    plans.add(key, request.variables, structuralVariables, executable);
    return executable;
  }

  return {
    async execute(input) {
      const executable = executableFor(input);
      return run(executable, bindAll(executable, input), input);
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
        run: (signal) => run(executable, parameters, { ...input, signal }),
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

function run<Schema>(
  executable: Executable,
  parameters: readonly (readonly (string | null)[])[],
  { databases, signal }: ExecutionInput<Schema>,
): Promise<Bytes> {
  switch (executable.operation) {
    case 'query':
    case 'subscription':
      return runQueries(executable, parameters, databases, signal);
    case 'mutation':
      throw new InvariantError('mutations are not planned yet');
  }
}
