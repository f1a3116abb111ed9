import type { Operation, VariableBindings } from '../graphql/index.ts';
import type { ObjectType, RoleSchema } from '../schema/index.ts';
import { Path, unreachable } from '../support/index.ts';
import { collectFields } from './collect-fields.ts';
import { fault, maximumEffort, type PlanContext, type PlanOptions, type VariableShape } from './context.ts';
import { readOperationDirectives } from './directives.ts';
import { planRootField } from './root-fields.ts';
import { checkSubscription } from './subscription-rules.ts';
import type { Plan } from './types.ts';

export interface PlanRequest {
  readonly operation: Operation;
  readonly variables: VariableBindings;
  readonly schema: RoleSchema;
  readonly options: PlanOptions;
}

export interface PlannedOperation {
  readonly plan: Plan;
  /**
   * Variables whose values have shaped the plan. Requests that agree in the values of these, and in whether each other variable is
   * absent, null or present, have the same plan. Another value may bring other variables into play, hence another set.
   */
  readonly structuralVariables: ReadonlySet<string>;
  /** Of other variables also the shapes must agree: those of rows to insert. */
  readonly shapes: ReadonlyMap<string, VariableShape>;
}

/**
 * Validates and plans an operation in one walk, with the role's rules in place.
 * @throws RequestError with the contract's message, code and path
 */
export function planOperation({ operation, variables, schema, options }: PlanRequest): PlannedOperation {
  const context: PlanContext = {
    schema,
    operation,
    variables,
    options,
    structuralVariables: new Set(),
    shapes: new Map(),
    effort: { left: maximumEffort, depth: 0 },
  };
  const root = rootType(operation, schema);
  const allowsSeveral = readOperationDirectives(operation, context);
  const selected = collectFields(root, [operation.selectionSet], Path.root, context);
  if (selected.length > maximumRootFields) {
    throw fault(Path.root.child('selectionSet'), `the query has more than ${maximumRootFields} root fields`);
  }
  const fields = selected.map((field) => planRootField(field, root.name, context));
  if (operation.kind === 'subscription') checkSubscription(fields, allowsSeveral);
  const { structuralVariables, shapes } = context;
  return { plan: { operation: operation.kind, fields }, structuralVariables, shapes };
}

/** Each is a select of its own: planning and rendering one takes about as long as a hundred columns. */
const maximumRootFields = 10_000;

function rootType({ kind }: Operation, schema: RoleSchema): ObjectType {
  switch (kind) {
    case 'query':
      return schema.queryRoot;
    case 'mutation':
      if (schema.mutationRoot === null) throw fault(Path.root, 'no mutations exist');
      return schema.mutationRoot;
    case 'subscription':
      if (schema.subscriptionRoot === null) throw fault(Path.root, 'no subscriptions exist');
      return schema.subscriptionRoot;
    default:
      return unreachable(kind);
  }
}
