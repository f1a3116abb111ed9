import type { Database } from '../database/index.ts';
import { type OperationStatement, runStatements } from '../execute/index.ts';
import type { DataRequest } from '../metadata/index.ts';
import type { InputValidationCall } from '../plan/index.ts';
import { renderAnsweringWrite, renderSelects, type SelectPlan, type SingleWrite } from '../sql/index.ts';
import {
  InvariantError,
  type Json,
  parseJson,
  passedOnJson,
  RequestError,
  unreachable,
} from '../support/index.ts';
import { planCount } from './count.ts';
import { planDelete } from './delete.ts';
import { planInsert } from './insert.ts';
import { TableReader } from './reader.ts';
import { planSelect } from './select.ts';
import type { DataContext, PlannedWrite } from './types.ts';
import { planUpdate } from './update.ts';

/**
 * Runs one operation and gives its answer, which is PostgreSQL's JSON as it came.
 * @throws RequestError with the contract's texts, paths below `context.path`
 */
export async function runDataOperation(request: DataRequest, context: DataContext): Promise<Json> {
  const { statement, validations } = prepare(request, new TableReader(context, request.source));
  const session = { session: context.session, variables: null };
  requireSessionVariables(statement, context);
  if (validations.length > 0) {
    await context.validateInput(validations, { ...session, clientHeaders: context.clientHeaders });
  }
  const answer = await runStatements([statement], session, {
    database: databaseOf(request, context),
    path: context.path,
    isWrite: request.operation !== 'select' && request.operation !== 'count',
  });
  const text = answer[0] ?? 'null';
  return request.operation === 'count' ? countOf(text) : passedOnJson(text);
}

interface Prepared {
  readonly statement: OperationStatement;
  readonly validations: readonly InputValidationCall[];
}

function prepare(request: DataRequest, reader: TableReader): Prepared {
  switch (request.operation) {
    case 'select':
      return read(request.source, planSelect(request, reader));
    case 'count':
      return read(request.source, planCount(request, reader));
    case 'insert':
      return write(planInsert(request, reader));
    case 'update':
      return write(planUpdate(request, reader));
    case 'delete':
      return write(planDelete(request, reader));
    default:
      return unreachable(request);
  }
}

function read(source: string, select: SelectPlan['select']): Prepared {
  const plan: SelectPlan = { kind: 'select', key: 'answer', name: 'answer', source, select };
  return { statement: renderSelects([plan]), validations: [] };
}

function write({ mutation, validations }: PlannedWrite<SingleWrite>): Prepared {
  return { statement: renderAnsweringWrite(mutation), validations };
}

/** A count comes as an aggregate does in GraphQL. */
function countOf(text: string): Json {
  const { aggregate } = parseJson(text) as { readonly aggregate: { readonly count: Json } };
  return { count: aggregate.count };
}

/** These operations have a text of their own for it. Source: spec/permissions.md 1.6. */
function requireSessionVariables({ parameters }: OperationStatement, { session, path }: DataContext): void {
  for (const source of parameters) {
    if (source.kind !== 'session' || session.variables.has(source.variable)) continue;
    throw new RequestError('not-found', path, `"${source.variable}" header is expected but not found`);
  }
}

function databaseOf({ source }: DataRequest, { databases }: DataContext): Database {
  const database = databases.get(source);
  if (database === undefined) throw new InvariantError(`the source "${source}" is not connected`);
  return database;
}
