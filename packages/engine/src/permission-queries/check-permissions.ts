import type { Session } from '../authentication/index.ts';
import type { TrackedColumn, TrackedTable } from '../model/index.ts';
import {
  always,
  classesOf,
  deleteRuleFor,
  frontendDelete,
  frontendInsert,
  frontendUpdate,
  insertRuleFor,
  type SelectRule,
  type TableRules,
  updateRuleFor,
} from '../permissions/index.ts';
import { columnOperand } from '../plan/index.ts';
import type { RowCondition, TruthQuery } from '../sql/index.ts';
import { type Json, type JsonObject, Path, RequestError } from '../support/index.ts';
import { listOf, type Operation, objectOf, oneOf, operations, refuseOthers, textOf } from './request.ts';
import { type ColumnNames, changeOf, columnsGiven, keyCondition } from './row.ts';
import { findTruths, type PermissionQueryContext, type Truth } from './truths.ts';

/** May I? `allowed: null`: that depends on defaults which only the database gives. */
interface Answer {
  readonly allowed: boolean | null;
  /** GraphQL names of what may be read, given or set. */
  readonly columns: readonly string[];
  /** One for each key of the question. */
  readonly rows?: readonly Omit<Answer, 'rows'>[];
}

/** How many checks one request may hold, and how many keys they may name together. */
const maximumChecks = 100;
const maximumKeys = 1000;

/**
 * `{"checks": [{"table", "operation", "columns"?, "keys"?, "object"?}, …]}` → `{"results": [{"allowed", "columns", "rows"?}, …]}`, about the session's own role.
 * Tables and columns go by the names that the role sees in GraphQL. What it cannot see is answered like what does not exist: not allowed.
 * @throws RequestError `parse-failed` and `validation-failed` for malformed questions, and what a query would be refused with
 */
export async function checkPermissions(
  body: Json,
  session: Session,
  context: PermissionQueryContext,
): Promise<JsonObject> {
  const given = objectOf(body, Path.root);
  refuseOthers(given, ['checks'], Path.root);
  const path = Path.root.child('checks');
  const checks = listOf(given['checks'], path).map((check, index) => readCheck(check, path.child(index)));
  const keys = checks.reduce((sum, check) => sum + (check.keys?.length ?? 0), 0);
  if (checks.length > maximumChecks || keys > maximumKeys) {
    const message = `a request holds at most ${maximumChecks} checks and ${maximumKeys} keys`;
    throw new RequestError('validation-failed', path, message);
  }
  const results: Answer[] = [];
  for (const check of checks) results.push(await answer(check, session, context));
  return { results: results as unknown as Json };
}

interface Check {
  readonly table: string;
  readonly operation: Operation;
  readonly columns: readonly string[] | null;
  readonly keys: readonly JsonObject[] | null;
  readonly object: JsonObject | null;
  readonly path: Path;
}

function readCheck(value: Json, path: Path): Check {
  const check = objectOf(value, path);
  refuseOthers(check, ['table', 'operation', 'columns', 'keys', 'object'], path);
  const optional = <T>(name: string, read: (member: Json, place: Path) => T): T | null => {
    const member = check[name];
    return member === undefined || member === null ? null : read(member, path.child(name));
  };
  const each =
    <T>(read: (member: Json, place: Path) => T) =>
    (member: Json, place: Path) =>
      listOf(member, place).map((item, index) => read(item, place.child(index)));
  return {
    table: textOf(check['table'], path.child('table')),
    operation: oneOf(check['operation'], operations, path.child('operation')),
    columns: optional('columns', each(textOf)),
    keys: optional('keys', each(objectOf)),
    object: optional('object', objectOf),
    path,
  };
}

const refused = { allowed: false, columns: [] } as const;
const graphqlName: ColumnNames = ({ graphqlName: name }) => name;

function refusal({ keys, operation }: Check): Answer {
  return keys === null || operation === 'insert' ? refused : { ...refused, rows: keys.map(() => refused) };
}

async function answer(check: Check, session: Session, context: PermissionQueryContext): Promise<Answer> {
  const table = findTable(check.table, context);
  if (table === null) return refusal(check);
  const rules = usableRules(context.model.rulesOf(session.role, table), table, session.usesBackendOnly);
  const rule = rules[check.operation];
  const isPossible = {
    select: true,
    insert: table.catalog.isInsertable,
    update: table.catalog.isUpdatable,
    delete: table.catalog.isDeletable,
  }[check.operation];
  if (rule === null || !isPossible) return refusal(check);
  const mayName: ReadonlyMap<string, unknown> = 'columns' in rule ? rule.columns : new Map();
  const named = columnsGiven(
    [...new Set([...(check.columns ?? []), ...Object.keys(check.object ?? {})])],
    table,
    graphqlName,
  );
  const isNameable = named?.every(({ name }) => mayName.has(name)) === true;
  if (named === null || !isNameable) return refusal(check);
  const columns = namesOf([...mayName.keys()], table);
  const question = { check, table, rules, named, columns, session, context };
  switch (check.operation) {
    case 'insert':
      return answerInsert(question);
    default:
      return answerStored(question);
  }
}

interface QuestionAbout {
  readonly check: Check;
  readonly table: TrackedTable;
  readonly rules: TableRules;
  /** The columns that the question names, all of which the role may name. */
  readonly named: readonly TrackedColumn[];
  readonly columns: readonly string[];
  readonly session: Session;
  readonly context: PermissionQueryContext;
}

async function answerInsert({
  check,
  table,
  rules,
  named,
  columns,
  session,
  context,
}: QuestionAbout): Promise<Answer> {
  const rule = rules.insert === null ? null : insertRuleFor(rules.insert, named);
  if (rule === null) return refused;
  if (check.object === null || rule.check === always) return { allowed: true, columns };
  const query: TruthQuery = {
    table,
    stored: null,
    changes: [changeOf(table, check.object, graphqlName, rule.presets, session)],
    conditions: [{ expression: rule.check, change: 0 }],
  };
  const [truths] = await findTruths([query], session, context);
  if (truths?.[0] === true) return { allowed: true, columns };
  const given = new Set([...named.map(({ name }) => name), ...rule.presets.keys()]);
  const hasOpenColumns = table.catalog.columns.some(
    (column) =>
      !given.has(column.name) && (column.hasDefault || column.identity !== null || column.isGenerated),
  );
  return { allowed: hasOpenColumns ? null : false, columns };
}

/** About rows that are there: through the select rule, so that a row which the role cannot see is a row that is not there. */
async function answerStored(question: QuestionAbout): Promise<Answer> {
  const { check, table, rules, columns, session, context } = question;
  const alternatives = alternativesOf(question);
  if (alternatives.length === 0) return refusal(check);
  if (check.keys === null) return { allowed: true, columns };
  const { select } = rules;
  const grants = table.primaryKey?.map(({ name }) => select?.columns.get(name)) ?? [];
  if (select === null || grants.length === 0 || grants.includes(undefined)) {
    return { allowed: true, columns, rows: check.keys.map(() => refused) };
  }
  const path = check.path.child('keys');
  const shared = {
    table,
    changes: alternatives.flatMap(({ change }) => (change === null ? [] : [change])),
    conditions: conditionsOf(alternatives),
  };
  const queries = check.keys.map(
    (key, index): TruthQuery => ({
      ...shared,
      stored: { rows: select.rows, key: keyOf(table, select, key, path.child(index)) },
    }),
  );
  const truths = await findTruths(queries, session, context);
  return { allowed: true, columns, rows: truths.map((found) => rowAnswer(found, alternatives)) };
}

/** One way to be allowed. */
interface Alternative {
  /** What must be true of the row as it is, and as it would be. */
  readonly conditions: readonly RowCondition[];
  readonly change: TruthQuery['changes'][number] | null;
  /** For `select`, the one column that this is about; for writes, those that it lets the role set. */
  readonly columns: readonly string[];
  /** Whether this decides if the operation is allowed, or only which columns are. Of several classes the first that admits the row counts. */
  readonly decides: { readonly class: number } | null;
}

function alternativesOf({ check, table, rules, named, session }: QuestionAbout): readonly Alternative[] {
  const plain = { change: null, decides: { class: 0 } } as const;
  switch (check.operation) {
    case 'select': {
      if (rules.select === null) return [];
      const cells = [...rules.select.columns.values()].map(
        ({ column, visibleWhen }): Alternative => ({
          ...plain,
          conditions: [{ expression: visibleWhen ?? always, change: null }],
          columns: namesOf([column.name], table),
          decides: null,
        }),
      );
      const wanted = named.map(({ name }) => rules.select?.columns.get(name)?.visibleWhen ?? always);
      return [
        { ...plain, conditions: wanted.map((expression) => ({ expression, change: null })), columns: [] },
        ...cells,
      ];
    }
    case 'delete':
      if (rules.delete === null) return [];
      return [
        {
          ...plain,
          conditions: [{ expression: deleteRuleFor(rules.delete).filter, change: null }],
          columns: [],
        },
      ];
    case 'update': {
      const { update } = rules;
      if (update === null) return [];
      let changes = 0;
      const rule = updateRuleFor(update, named);
      if (rule === null) return [];
      const deciding = classesOf(rule).flatMap((alternatives, index) =>
        alternatives.map(({ filter, check: after, presets }): Alternative => {
          const stored: RowCondition = { expression: filter, change: null };
          const decides = { class: index };
          if (check.object === null || after === null) {
            return { conditions: [stored], change: null, columns: [], decides };
          }
          return {
            conditions: [stored, { expression: after, change: changes++ }],
            change: changeOf(table, check.object, graphqlName, presets, session),
            columns: [],
            decides,
          };
        }),
      );
      const settable = (update.alternatives ?? [update]).map(
        ({ filter, columns }): Alternative => ({
          ...plain,
          conditions: [{ expression: filter, change: null }],
          columns: namesOf([...columns.keys()], table),
          decides: null,
        }),
      );
      return [...deciding, ...settable];
    }
    case 'insert':
      return [];
  }
}

function conditionsOf(alternatives: readonly Alternative[]): readonly RowCondition[] {
  const conditions = alternatives.flatMap((alternative) => alternative.conditions);
  // a row is asked about even where nothing is asked of it
  return conditions.length === 0 ? [{ expression: always, change: null }] : conditions;
}

function rowAnswer(
  truths: readonly Truth[] | null,
  alternatives: readonly Alternative[],
): Omit<Answer, 'rows'> {
  if (truths === null) return refused;
  let next = 0;
  let allowed = false;
  let chosen: number | null = null;
  const columns = new Set<string>();
  for (const { conditions, columns: listed, decides } of alternatives) {
    const [admits = true, ...others] = conditions.map(() => truths[next++] === true);
    if (!admits) continue;
    if (decides !== null) chosen ??= decides.class;
    if (!others.every(Boolean)) continue;
    if (decides?.class === chosen && decides !== null) allowed = true;
    for (const name of listed) columns.add(name);
  }
  return { allowed, columns: [...columns] };
}

function keyOf(table: TrackedTable, select: SelectRule, key: JsonObject, path: Path) {
  return keyCondition(
    table,
    key,
    graphqlName,
    // The key's columns are granted.
    ({ name }) =>
      columnOperand(select.columns.get(name) as NonNullable<ReturnType<typeof select.columns.get>>),
    path,
  );
}

function usableRules(rules: TableRules, table: TrackedTable, usesBackendOnly: boolean): TableRules {
  if (usesBackendOnly) return rules;
  return {
    select: rules.select,
    insert: rules.insert && frontendInsert(table, rules.insert),
    update: rules.update && frontendUpdate(table, rules.update),
    delete: rules.delete && frontendDelete(rules.delete),
  };
}

/** A table by the name of its type. */
function findTable(name: string, { model }: PermissionQueryContext): TrackedTable | null {
  for (const { tables, naming } of model.sources.values()) {
    for (const table of tables.values()) {
      if (table.graphqlName !== null && naming.typeName(table.graphqlName) === name) return table;
    }
  }
  return null;
}

function namesOf(columns: readonly string[], table: TrackedTable): readonly string[] {
  return columns.flatMap((name) => table.columns.get(name)?.graphqlName ?? []);
}
