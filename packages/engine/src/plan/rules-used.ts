import type { QualifiedName } from '../catalog/index.ts';
import type { BooleanExpression, GuardedRows, RowTable } from '../permissions/index.ts';
import { unreachable } from '../support/index.ts';
import { itemsOfSelection } from './delegated/selection.ts';
import type {
  Conflict,
  DelegatedSelection,
  Join,
  InsertRows,
  Mutation,
  MutationOutput,
  OrderExpression,
  OutputItem,
  Plan,
  RootPlan,
  RowSet,
  Select,
  UpdateMutation,
  UpdateNothing,
} from './types.ts';

/** The rule of the plan's role for one operation on one table. */
export interface RuleUse {
  readonly source: string;
  readonly table: QualifiedName;
  readonly operation: 'select' | 'insert' | 'update' | 'delete';
}

/**
 * Through which rules of its role a plan reads and writes; each once. What the rules' own conditions read is not counted, and neither is the
 * select rule of a written table where only its columns matter (`where`, `returning`).
 */
export function rulesUsed(plan: Plan): readonly RuleUse[] {
  const found = new Map<string, RuleUse>();
  const use: Use = ({ source, schema, name }, operation) => {
    found.set(JSON.stringify([source, schema, name, operation]), {
      source,
      table: { schema, name },
      operation,
    });
  };
  for (const field of plan.fields) walkRoot(field, use);
  return [...found.values()];
}

type Use = (table: RowTable, operation: RuleUse['operation']) => void;

function walkRoot(field: RootPlan, use: Use): void {
  switch (field.kind) {
    case 'constant':
    case 'introspection':
      return;
    case 'namespace':
      for (const each of field.fields) walkRoot(each, use);
      return;
    case 'select':
      walkSelect(field.select, use);
      return;
    case 'mutation':
      walkMutation(field.mutation, use);
      return;
    case 'delegated':
      walkDelegated(field.field.selection, use);
      return;
    default:
      unreachable(field);
  }
}

function walkSelect(select: Select, use: Use): void {
  walkRowSet(select.set, use);
  for (const item of select.output) {
    switch (item.kind) {
      case 'nodes':
        walkOutput(item.output, use);
        break;
      case 'edges':
        for (const each of item.output) if (each.kind === 'node') walkOutput(each.output, use);
        break;
      case 'select':
        walkSelect(item.select, use);
        break;
      case 'join':
        walkJoin(item.join, use);
        break;
      case 'typename':
      case 'value':
      case 'node-id':
      case 'page-info':
      case 'aggregate':
        break;
      default:
        unreachable(item);
    }
  }
}

function walkOutput(output: readonly OutputItem[], use: Use): void {
  for (const item of output) {
    if (item.kind === 'select') walkSelect(item.select, use);
    else if (item.kind === 'join') walkJoin(item.join, use);
  }
}

function walkJoin(join: Join, use: Use): void {
  if (join.kind === 'rows') walkSelect(join.select, use);
  else walkDelegated(join.field.selection, use);
}

function walkDelegated(selection: DelegatedSelection | null, use: Use): void {
  for (const items of itemsOfSelection(selection)) {
    for (const item of items) {
      if (item.kind === 'field') walkDelegated(item.field.selection, use);
      else if (item.kind === 'join') walkJoin(item.join, use);
    }
  }
}

function walkRowSet({ rows, where, orderBy }: RowSet, use: Use): void {
  useRows(rows, use);
  walkCondition(where, use);
  for (const { by } of orderBy) walkOrder(by, use);
}

function walkOrder(by: OrderExpression, use: Use): void {
  if (by.kind === 'operand') return;
  useRows(by.rows, use);
  if (by.kind === 'related') walkOrder(by.by, use);
}

/** Of a client's condition: whatever rows it names are guarded by the role's rule. */
function walkCondition(condition: BooleanExpression, use: Use): void {
  switch (condition.kind) {
    case 'constant':
    case 'comparison':
    case 'null-test':
      return;
    case 'and':
    case 'or':
      for (const operand of condition.operands) walkCondition(operand, use);
      return;
    case 'not':
      walkCondition(condition.operand, use);
      return;
    case 'exists':
      useRows(condition.rows, use);
      walkCondition(condition.where, use);
      return;
    case 'aggregate-test':
      useRows(condition.rows, use);
      walkCondition(condition.filter, use);
      return;
    default:
      unreachable(condition);
  }
}

function walkMutation(mutation: Mutation, use: Use): void {
  switch (mutation.kind) {
    case 'insert':
      walkInsert(mutation.rows, use);
      walkMutationOutput(mutation.output, use);
      return;
    case 'update':
      walkUpdate(mutation, use);
      return;
    case 'update-many':
      for (const update of mutation.updates) walkUpdate(update, use);
      return;
    case 'delete':
      use(mutation.table, 'delete');
      walkCondition(mutation.where, use);
      walkMutationOutput(mutation.output, use);
      return;
    case 'function':
      walkSelect(mutation.select, use);
      return;
    default:
      unreachable(mutation);
  }
}

function walkUpdate(update: UpdateMutation | UpdateNothing, use: Use): void {
  walkMutationOutput(update.output, use);
  if (update.kind === 'nothing') return;
  use(update.table, 'update');
  walkCondition(update.where, use);
}

function walkInsert({ table, conflict, values }: InsertRows, use: Use): void {
  use(table, 'insert');
  if (conflict !== null) walkConflict(conflict, table, use);
  if (values.kind === 'columns') return;
  for (const { before, after } of values.rows) {
    for (const { rows } of [...before, ...after]) walkInsert(rows, use);
  }
}

function walkConflict({ update }: Conflict, table: RowTable, use: Use): void {
  if (update === null) return;
  use(table, 'update');
  walkCondition(update.where, use);
}

function walkMutationOutput(output: MutationOutput, use: Use): void {
  if (output.kind === 'row') walkOutput(output.output, use);
  else for (const item of output.items) if (item.kind === 'returning') walkOutput(item.output, use);
}

/** Rules of logical models are none of a table. */
function useRows({ table }: GuardedRows, use: Use): void {
  if (table.isLogicalModel !== true) use(table, 'select');
}
