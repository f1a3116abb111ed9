import { makeSession, type Session } from '../authentication/index.ts';
import { bindParameter } from '../execute/index.ts';
import type { TrackedColumn, TrackedTable } from '../model/index.ts';
import {
  type BooleanExpression,
  describeName,
  hasSamePresets,
  insertRuleFor,
  type ParameterSource,
  readQualifiedName,
  type SelectRule,
  type TableRules,
  type Value,
} from '../permissions/index.ts';
import { columnOperand, type RowsSelect } from '../plan/index.ts';
import { type RowCondition, renderCondition, renderExplain, type TruthQuery } from '../sql/index.ts';
import { type Json, type JsonObject, Path, RequestError } from '../support/index.ts';
import { describeCondition, type TextOf, type Wording } from './describe-condition.ts';
import { type Operation, objectOf, oneOf, operations, refuseOthers, textOf } from './request.ts';
import { type ColumnNames, changeOf, columnsGiven, keyCondition } from './row.ts';
import { partsOf, truthTree } from './truth-tree.ts';
import { findTruths, type PermissionQueryContext, type Truth } from './truths.ts';

/**
 * Why a role may, or may not, do something with a table, or with one row of it. For administrators: the row is read whatever the role may see.
 * In: `{"role", "session_variables"?, "source"?, "table", "operation", "key"?, "object"?}` with the database's own names.
 * @throws RequestError `parse-failed`, `validation-failed`, `not-exists`
 */
export async function explainPermission(body: Json, context: PermissionQueryContext): Promise<JsonObject> {
  const question = readQuestion(body, context);
  const { table, operation, session, role, source } = question;
  const rules = context.model.rulesOf(role, table);
  const rule = rules[operation];
  const missing = new Set<string>();
  const textIn: TextOf = (from) => {
    if (from.kind === 'session' && !session.variables.has(from.variable)) missing.add(from.variable);
    return bindParameter(from, { session, variables: null });
  };
  const wording = { textOf: textIn, tableAt: context.model.tableAt };
  const about = { role, source, table: { schema: table.schema, name: table.name }, operation };
  if (rule === null)
    return { ...about, allowed: false, reason: noPermission(question), columns: [], rules: [], sql: null };

  const declared: readonly AnyRule[] = rule.alternatives ?? [rule];
  const described = declared.map((each) => describeRule(each, table, wording));
  const sql =
    operation === 'select' && rules.select !== null ? selectSql(rules.select, question, textIn) : null;
  const common = { ...about, columns: columnNames(rule), sql };
  if (missing.size > 0) {
    const variables = [...missing].sort();
    return {
      ...common,
      allowed: false,
      reason: `missing session variables: ${variables.join(', ')}`,
      missing_session_variables: variables,
      rules: described,
    };
  }
  const isAboutRow = question.key !== null || (operation === 'insert' && question.object !== null);
  if (!isAboutRow) {
    const uses = usesOf(declared, rules, question);
    const allowed = uses.some(Boolean);
    return {
      ...common,
      allowed,
      ...(allowed ? {} : { reason: noRule(question) }),
      rules: described.map((each, index) => ({ ...each, lists_all_columns: uses[index] === true })),
    };
  }
  return { ...common, ...(await explainRow(declared, described, rules, question, context, wording)) };
}

interface Question {
  readonly role: string;
  readonly source: string;
  readonly session: Session;
  readonly table: TrackedTable;
  readonly operation: Operation;
  readonly key: JsonObject | null;
  readonly object: JsonObject | null;
  /** The columns of `object`. */
  readonly given: readonly TrackedColumn[];
}

type AnyRule = NonNullable<TableRules[Operation]>;

const databaseName: ColumnNames = ({ name }) => name;

function readQuestion(body: Json, { model }: PermissionQueryContext): Question {
  const given = objectOf(body, Path.root);
  const known = ['role', 'session_variables', 'source', 'table', 'operation', 'key', 'object'];
  refuseOthers(given, known, Path.root);
  const at = (name: string) => Path.root.child(name);
  const optional = (name: string): JsonObject | null =>
    given[name] === undefined || given[name] === null ? null : objectOf(given[name], at(name));
  const role = textOf(given['role'], at('role'));
  const variables = new Map(
    Object.entries(optional('session_variables') ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      textOf(value, at('session_variables').child(name)),
    ]),
  );
  const source = given['source'] === undefined ? 'default' : textOf(given['source'], at('source'));
  const name = readQualifiedName(given['table']);
  if (name === null) throw new RequestError('parse-failed', at('table'), 'expected the name of a table');
  const tables = [...(model.sources.get(source)?.tables.values() ?? [])];
  const table = tables.find((each) => each.schema === name.schema && each.name === name.name);
  if (table === undefined) {
    const message = `table "${describeName(name)}" does not exist in source: ${source}`;
    throw new RequestError('not-exists', at('table'), message);
  }
  const operation = oneOf(given['operation'], operations, at('operation'));
  const object = optional('object');
  const key = optional('key');
  if (object !== null && operation !== 'insert' && operation !== 'update') {
    throw new RequestError('validation-failed', at('object'), `${operation} writes no object`);
  }
  if (key !== null && operation === 'insert') {
    throw new RequestError('validation-failed', at('key'), 'a row to insert is given as an object');
  }
  const columns = columnsGiven(Object.keys(object ?? {}), table, databaseName);
  if (columns === null) {
    const unknown = Object.keys(object ?? {}).find((column) => !table.columns.has(column)) ?? '';
    throw new RequestError(
      'validation-failed',
      at('object').child(unknown),
      `column "${unknown}" does not exist`,
    );
  }
  return {
    role,
    source,
    session: makeSession(role, variables),
    table,
    operation,
    key,
    object,
    given: columns,
  };
}

/** A rule as declared, its values put in. */
function describeRule(rule: AnyRule, table: TrackedTable, wording: Wording): JsonObject {
  const textIn = wording.textOf;
  const condition = (expression: BooleanExpression) => ({
    condition: describeCondition(expression, table, wording),
    sql: renderCondition(expression, textIn),
  });
  const filter = 'rows' in rule ? rule.rows.filter : 'filter' in rule ? rule.filter : null;
  const check = 'check' in rule ? rule.check : null;
  return {
    role: rule.role,
    columns: columnNames(rule),
    ...('presets' in rule ? { presets: presetTexts(rule.presets, textIn) } : {}),
    ...('limit' in rule ? { limit: rule.limit } : {}),
    ...('isBackendOnly' in rule ? { backend_only: rule.isBackendOnly } : {}),
    ...(filter === null ? {} : { filter: condition(filter) }),
    ...(check === null ? {} : { check: condition(check) }),
  };
}

function presetTexts(presets: ReadonlyMap<string, Value>, textIn: TextOf): JsonObject {
  return Object.fromEntries([...presets].map(([name, { source }]) => [name, textIn(source)]));
}

function columnNames(rule: AnyRule): readonly string[] {
  return 'columns' in rule ? [...rule.columns.keys()] : [];
}

/** Which of the declared rules may be used for the columns that are given. */
function usesOf(
  declared: readonly AnyRule[],
  rules: TableRules,
  { operation, given }: Question,
): readonly boolean[] {
  const lists = (rule: AnyRule) => 'columns' in rule && given.every(({ name }) => rule.columns.has(name));
  switch (operation) {
    case 'insert': {
      const used = rules.insert === null ? null : insertRuleFor(rules.insert, given);
      // Of the rules that list the columns, those with the presets of the first.
      return declared.map(
        (rule) => used !== null && lists(rule) && 'presets' in rule && hasSamePresets(rule, used),
      );
    }
    case 'update':
      return declared.map((rule) => lists(rule));
    default:
      return declared.map(() => true);
  }
}

async function explainRow(
  declared: readonly AnyRule[],
  described: readonly JsonObject[],
  rules: TableRules,
  question: Question,
  context: PermissionQueryContext,
  wording: Wording,
): Promise<JsonObject> {
  const { table, session, key, object, operation } = question;
  const changes: ParameterSource[] = [];
  const conditions: RowCondition[] = [];
  /** Takes the condition with all its parts, and gives the tree once the truths are there. */
  const ask = (expression: BooleanExpression, change: number | null) => {
    const start = conditions.length;
    const parts = partsOf(expression);
    conditions.push(...parts.map((part) => ({ expression: part, change })));
    return (truths: readonly Truth[]) =>
      truthTree(expression, truths.slice(start, start + parts.length), table, wording);
  };
  const asked = declared.map((rule) => {
    const filter = 'rows' in rule ? rule.rows.filter : 'filter' in rule ? rule.filter : null;
    const check = object === null || !('check' in rule) ? null : rule.check;
    if (check !== null && 'presets' in rule) {
      changes.push(changeOf(table, object ?? {}, databaseName, rule.presets, session));
    }
    return {
      filter: filter === null ? null : ask(filter, null),
      check: check === null ? null : ask(check, changes.length - 1),
    };
  });
  const cells =
    operation !== 'select' || rules.select === null
      ? []
      : [...rules.select.columns.values()].map(({ column, visibleWhen }) => ({
          name: column.name,
          tree: visibleWhen === null ? null : ask(visibleWhen, null),
        }));
  const truths = await truthsOf(
    { table, stored: storedRow(question, context), changes, conditions },
    session,
    context,
  );
  if (truths === null) {
    return { allowed: false, reason: 'there is no row with this key', rules: described };
  }
  const uses = usesOf(declared, rules, question);
  const why = asked.map(({ filter, check }) => ({
    ...(filter === null ? {} : { filter: filter(truths) }),
    ...(check === null ? {} : { check: check(truths) }),
  }));
  // Of rules that preset different values, the first that admits the row decides which are used.
  const admitting = declared.find(
    (_rule, index) => uses[index] === true && why[index]?.filter?.value === true,
  );
  const applies = why.map(
    (trees, index) =>
      uses[index] === true &&
      Object.values(trees).every((tree) => tree.value === true) &&
      isOfClass(declared[index], admitting),
  );
  const allowed = applies.some(Boolean);
  return {
    allowed,
    ...(allowed ? {} : { reason: uses.some(Boolean) ? 'no rule admits the row' : noRule(question) }),
    ...(key !== null && operation === 'select'
      ? {
          columns: cells
            .filter(({ tree }) => allowed && (tree === null || tree(truths).value === true))
            .map(({ name }) => name),
        }
      : {}),
    ...(operation === 'insert' ? { open_columns: openColumns(question, rules) } : {}),
    rules: described.map((each, index) => ({
      ...each,
      lists_all_columns: uses[index] === true,
      applies: applies[index] === true,
      why: why[index] as unknown as Json,
    })),
  };
}

function isOfClass(rule: AnyRule | undefined, admitting: AnyRule | undefined): boolean {
  if (rule === undefined || admitting === undefined || !('presets' in rule) || !('presets' in admitting))
    return true;
  return hasSamePresets(rule, admitting);
}

async function truthsOf(
  query: TruthQuery,
  session: Session,
  context: PermissionQueryContext,
): Promise<readonly Truth[] | null> {
  // nothing is asked of the row, e.g. by an insert rule without check
  if (query.conditions.length === 0) return [];
  const [truths] = await findTruths([query], session, context);
  return truths ?? null;
}

function storedRow(
  { table, key, operation }: Question,
  { model }: PermissionQueryContext,
): TruthQuery['stored'] {
  if (key === null || operation === 'insert') return null;
  const everything = model.rulesOf('admin', table).select;
  if (everything === null) return null;
  return {
    rows: everything.rows,
    key: keyCondition(
      table,
      key,
      databaseName,
      (column) => columnOperand({ column, visibleWhen: null }),
      Path.root.child('key'),
    ),
  };
}

/** Columns that the database fills: a check on them cannot be told before the row is written, and is evaluated as if they were NULL. */
function openColumns({ table, given }: Question, { insert }: TableRules): readonly string[] {
  const used = insert === null ? null : insertRuleFor(insert, given);
  const filled = new Set([...given.map(({ name }) => name), ...(used?.presets.keys() ?? [])]);
  return table.catalog.columns
    .filter(
      (column) =>
        !filled.has(column.name) && (column.hasDefault || column.identity !== null || column.isGenerated),
    )
    .map(({ name }) => name);
}

/** What a query for the row, or for all rows, with all granted columns runs. */
function selectSql(rule: SelectRule, { table, key }: Question, textIn: TextOf): string {
  const select: RowsSelect = {
    kind: 'rows',
    set: {
      rows: rule.rows,
      join: [],
      where:
        key === null
          ? { kind: 'constant', value: true }
          : keyCondition(
              table,
              key,
              databaseName,
              (column) => columnOperand(rule.columns.get(column.name) ?? { column, visibleWhen: null }),
              Path.root.child('key'),
            ),
      distinctOn: [],
      orderBy: [],
      limit: null,
      offset: null,
    },
    cardinality: 'list',
    permissionLimit: rule.limit,
    output: [...rule.columns.values()].map((grant) => ({
      key: grant.column.name,
      kind: 'value',
      operand: columnOperand(grant),
      jsonPath: null,
      format: 'json',
    })),
    stream: null,
  };
  const field = { kind: 'select', key: table.name, name: table.name, source: table.source, select } as const;
  return renderExplain([field], textIn);
}

function noPermission({ role, operation, table }: Question): string {
  return `role "${role}" has no ${operation} permission on "${describeName(table)}"`;
}

function noRule({ given, operation }: Question): string {
  return `no rule lists all of the columns for ${operation}: ${given.map(({ name }) => `"${name}"`).join(', ')}`;
}
