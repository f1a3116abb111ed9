/** From text to plan in one step, for tests. */
import { coerceVariables, parseDocument, selectOperation } from '../../src/graphql/index.ts';
import type { Model } from '../../src/model/index.ts';
import { type PlannedOperation, type PlanOptions, planOperation } from '../../src/plan/index.ts';
import { createRoleSchema } from '../../src/schema/index.ts';
import type { JsonObject } from '../../src/support/index.ts';
import { schemaFeatures } from './stages.ts';

export interface PlanQuery {
  readonly text: string;
  readonly model: Model;
  readonly role?: string;
  readonly variables?: JsonObject | null;
  readonly options?: Partial<PlanOptions>;
}

export function planQuery({ text, model, role, variables, options }: PlanQuery): PlannedOperation {
  const schema = createRoleSchema(model, role ?? 'admin', {
    usesBackendOnly: false,
    features: { ...schemaFeatures, mutations: false },
  });
  const operation = selectOperation(parseDocument(text), null);
  return planOperation({
    operation,
    variables: coerceVariables(operation, variables ?? null),
    schema,
    options: {
      stringifyNumericTypes: false,
      v1BooleanNullCollapse: false,
      noNullUnboundVariableDefault: false,
      ...options,
    },
  });
}
