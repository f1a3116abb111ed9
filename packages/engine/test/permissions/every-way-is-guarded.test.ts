/**
 * No statement on user data without the role's rule in it: everything that a role's schema offers is asked, and each table, each cell in the plan and in the
 * SQL is looked at. What must be there is written down here by hand, so that a rule that gets lost on its way is missed.
 */
import { describe, expect, test } from 'vitest';
import { coerceVariables, parseDocument, selectOperation } from '../../src/graphql/index.ts';
import type { SelectPermission } from '../../src/metadata/index.ts';
import type { TrackedTable } from '../../src/model/index.ts';
import type { DeleteRule, InsertRule, UpdateRule } from '../../src/permissions/index.ts';
import { type Plan, planOperation, type RootPlan, type RowsJoin } from '../../src/plan/index.ts';
import { createRoleSchema, type RoleSchema, type SchemaApi } from '../../src/schema/index.ts';
import {
  renderExplain,
  renderMutation,
  renderRowsJoin,
  type SelectPlan,
  type Statement,
} from '../../src/sql/index.ts';
import { RequestError } from '../../src/support/index.ts';
import { makeModel, tableOf } from '../support/model-fixture.ts';
import { outlineCondition } from '../support/plan-outline.ts';
import { walkSchema } from '../support/walk-schema.ts';
import { planOptions, schemaFeatures } from '../support/stages.ts';

/** Every rule compares the column `guard` with a text of its own, by which it is found again. */
const marked = (mark: string) => ({ guard: { _neq: mark } });
const inPlan = (mark: string) => `guard neq '${mark}'::text`;
const inSql = (mark: string, row: string) => `(${row}."guard" <> ('${mark}')::text)`;

const personColumns = ['id', 'boss', 'name', 'score', 'data', 'secret'];

/** Rules for writing, each with marks of its own: `viewer inserts person`, … */
function writes(
  role: string,
  table: string,
  columns: readonly string[],
  preset: Readonly<Record<string, string>>,
) {
  const mark = (verb: string) => marked(`${role} ${verb} ${table}`);
  return {
    insert_permissions: [{ role, permission: { columns, check: mark('inserts') } }],
    update_permissions: [
      { role, permission: { columns, filter: mark('updates'), check: mark('updated') } },
      {
        role: 'several',
        permission: {
          rules: [
            { columns, filter: marked(`rule 1 updates ${table}`), check: marked(`rule 1 updated ${table}`) },
            { columns: columns.slice(0, 2), filter: marked(`rule 2 updates ${table}`), set: preset },
          ],
        },
      },
    ],
    delete_permissions: [{ role, permission: { filter: mark('deletes') } }],
  };
}
const aggregated: Partial<SelectPermission> = { allow_aggregations: true };

const model = makeModel({
  tables: {
    person: {
      columns:
        'id int4!, boss int4, name text, score int4, data jsonb, secret text!, hidden text, guard text',
    },
    item: { columns: 'id int4!, owner int4, title text, amount numeric, hidden text, guard text' },
  },
  functions: {
    label: { arguments: 'p person', returns: 'text' },
    code: { arguments: 'p person', returns: 'text' },
    belongings: { arguments: 'p person', returns: 'setof item' },
    find_people: { arguments: 'word text', returns: 'setof person' },
  },
  source: {
    functions: [{ function: { schema: 'public', name: 'find_people' } }],
    logical_models: [
      {
        name: 'claim',
        fields: ['id int4', 'owner int4', 'text text', 'hidden text', 'guard text'].map((field) => {
          const [name = '', scalar = ''] = field.split(' ');
          return { name, type: { scalar, nullable: true } };
        }),
        select_permissions: [
          {
            role: 'viewer',
            permission: { columns: ['id', 'text'], filter: marked('viewer sees claim') },
          },
          { role: 'visitor', permission: { columns: ['id'], filter: marked('visitor sees claim') } },
          {
            role: 'several',
            permission: {
              rules: [
                { columns: ['id'], filter: marked('rule 1 on claim') },
                { columns: ['id', 'text'], filter: marked('rule 2 on claim') },
              ],
            },
          },
        ],
      },
    ],
    native_queries: [
      {
        root_field_name: 'claims',
        returns: 'claim',
        code: 'select * from "public"."claim"',
        arguments: { least: { type: 'int4', nullable: false } },
        array_relationships: [{ name: 'items', using: manual('item', { owner: 'owner' }) }],
        object_relationships: [{ name: 'again', using: toQuery('plain_claims', { owner: 'owner' }) }],
      },
      {
        root_field_name: 'plain_claims',
        returns: 'claim',
        code: 'select * from "public"."claim"',
        arguments: {},
      },
    ],
  },
  tracked: {
    person: {
      object_relationships: [{ name: 'superior', using: manual('person', { boss: 'id' }) }],
      array_relationships: [
        { name: 'staff', using: manual('person', { id: 'boss' }) },
        { name: 'items', using: manual('item', { id: 'owner' }) },
        { name: 'claims', using: toQuery('claims', { id: 'owner' }) },
      ],
      computed_fields: ['label', 'code', 'belongings'].map((name) => ({
        name,
        definition: { function: { schema: 'public', name } },
      })),
      ...writes('viewer', 'person', personColumns, { name: 'x' }),
      select_permissions: [
        {
          role: 'viewer',
          permission: {
            columns: personColumns,
            computed_fields: ['label', 'code'],
            filter: marked('viewer sees person'),
            ...aggregated,
          },
        },
        {
          role: 'visitor',
          permission: {
            columns: ['id', 'boss', 'name', 'score', 'data'],
            computed_fields: ['label'],
            filter: marked('visitor sees person'),
          },
        },
        {
          role: 'several',
          permission: {
            rules: [
              {
                columns: ['id', 'boss', 'name', 'score', 'data'],
                computed_fields: ['label'],
                filter: marked('rule 1 on person'),
              },
              {
                columns: personColumns,
                computed_fields: ['label', 'code'],
                filter: marked('rule 2 on person'),
                ...aggregated,
              },
            ],
          },
        },
      ],
    },
    item: {
      object_relationships: [{ name: 'holder', using: manual('person', { owner: 'id' }) }],
      ...writes('viewer', 'item', ['id', 'title', 'owner'], { owner: 'x-hasura-user-id' }),
      select_permissions: [
        {
          role: 'viewer',
          permission: {
            columns: ['id', 'title'],
            filter: marked('viewer sees item'),
            limit: 5,
            ...aggregated,
          },
        },
        { role: 'visitor', permission: { columns: ['id', 'amount'], filter: marked('visitor sees item') } },
        {
          role: 'several',
          permission: {
            rules: [
              { columns: ['id', 'title'], filter: marked('rule 1 on item'), ...aggregated },
              { columns: ['id', 'amount'], filter: marked('rule 2 on item') },
            ],
          },
        },
      ],
    },
  },
  metadata: {
    inherited_roles: [{ role_name: 'heir', role_set: ['viewer', 'visitor'] }],
    custom_types: {
      objects: [
        {
          name: 'Profile',
          fields: ['id', 'boss'].map((name) => ({ name, type: 'Int' })),
          relationships: [
            {
              name: 'person',
              type: 'object',
              remote_table: publicTable('person'),
              field_mapping: { id: 'id' },
            },
            {
              name: 'items',
              type: 'array',
              remote_table: publicTable('item'),
              field_mapping: { id: 'owner' },
            },
          ],
        },
      ],
    },
    actions: (['query', 'mutation'] as const).map((type) => ({
      name: `${type}_profile`,
      definition: { type, handler: 'http://handler', output_type: '[Profile!]' },
      permissions: ['viewer', 'visitor', 'several'].map((role) => ({ role })),
    })),
  },
});

function publicTable(name: string) {
  return { schema: 'public', name };
}

function manual(table: string, mapping: Readonly<Record<string, string>>) {
  return {
    manual_configuration: {
      remote_table: { schema: 'public', name: table },
      column_mapping: mapping,
      insertion_order: null,
    },
  };
}

function toQuery(name: string, mapping: Readonly<Record<string, string>>) {
  return { manual_configuration: { remote_native_query: name, column_mapping: mapping } };
}

/** What a role may see of a table: the marks of the rules that show rows, and for each column those that show its cells on all of these rows (`all`) or on some. */
interface Expected {
  readonly rows: readonly string[];
  readonly cells: Readonly<Record<string, 'all' | readonly string[]>>;
}

const expectations: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  viewer: {
    person: {
      rows: ['viewer sees person'],
      cells: {
        id: 'all',
        boss: 'all',
        name: 'all',
        score: 'all',
        data: 'all',
        secret: 'all',
        label: 'all',
        code: 'all',
      },
    },
    item: { rows: ['viewer sees item'], cells: { id: 'all', title: 'all' } },
    claim: { rows: ['viewer sees claim'], cells: { id: 'all', text: 'all' } },
  },
  visitor: {
    person: {
      rows: ['visitor sees person'],
      cells: { id: 'all', boss: 'all', name: 'all', score: 'all', data: 'all', label: 'all' },
    },
    item: { rows: ['visitor sees item'], cells: { id: 'all', amount: 'all' } },
    claim: { rows: ['visitor sees claim'], cells: { id: 'all' } },
  },
  several: {
    person: {
      rows: ['rule 1 on person', 'rule 2 on person'],
      cells: {
        id: 'all',
        boss: 'all',
        name: 'all',
        score: 'all',
        data: 'all',
        label: 'all',
        secret: ['rule 2 on person'],
        code: ['rule 2 on person'],
      },
    },
    item: {
      rows: ['rule 1 on item', 'rule 2 on item'],
      cells: { id: 'all', title: ['rule 1 on item'], amount: ['rule 2 on item'] },
    },
    claim: {
      rows: ['rule 1 on claim', 'rule 2 on claim'],
      cells: { id: 'all', text: ['rule 2 on claim'] },
    },
  },
  heir: {
    person: {
      rows: ['viewer sees person', 'visitor sees person'],
      cells: {
        id: 'all',
        boss: 'all',
        name: 'all',
        score: 'all',
        data: 'all',
        label: 'all',
        secret: ['viewer sees person'],
        code: ['viewer sees person'],
      },
    },
    item: {
      rows: ['viewer sees item', 'visitor sees item'],
      cells: { id: 'all', title: ['viewer sees item'], amount: ['visitor sees item'] },
    },
    claim: {
      rows: ['viewer sees claim', 'visitor sees claim'],
      cells: { id: 'all', text: ['viewer sees claim'] },
    },
  },
};

/** The marks of the rules for writing; those of `update` are the filter's and the check's. */
interface ExpectedWrites {
  readonly insert: string | null;
  readonly update: readonly { readonly filter: string; readonly check: string | null }[];
  readonly delete: string | null;
}

function expectedWrites(role: string, table: string): ExpectedWrites {
  switch (role) {
    case 'viewer':
    case 'heir':
      return {
        insert: `viewer inserts ${table}`,
        update: [{ filter: `viewer updates ${table}`, check: `viewer updated ${table}` }],
        delete: `viewer deletes ${table}`,
      };
    case 'several':
      return {
        insert: null,
        update: [
          { filter: `rule 1 updates ${table}`, check: `rule 1 updated ${table}` },
          { filter: `rule 2 updates ${table}`, check: null },
        ],
        delete: null,
      };
    default:
      return { insert: null, update: [], delete: null };
  }
}

const roles = Object.keys(expectations);
const queries = model.sources.get('default')?.nativeQueries;
const tables = [
  ...['person', 'item'].map((name) => tableOf(model, name)),
  ...[queries?.get('claims')?.model].filter((claim) => claim !== undefined),
];
const returnedBy: Readonly<Record<string, string>> = { find_people: 'person', belongings: 'item' };
/** Columns that relationships join on: their values do not leave the statement. */
const joined: Readonly<Record<string, readonly string[]>> = {
  person: ['id', 'boss'],
  item: ['owner'],
  claim: ['owner'],
};

test('the model is as it is meant to be', () => {
  expect(model.inconsistencies).toEqual([]);
});

const apis = ['graphql', 'relay'] as const;

describe.each(roles.flatMap((role) => apis.map((api) => [role, api] as const)))('%s, %s', (role, api) => {
  const schema = schemaOf(role, api);
  const questions = [...walkSchema(schema)].flatMap((question) => {
    const plan = planIfAny(question.text, schema);
    return plan === null ? [] : [{ ...question, plan }];
  });

  test('every question has the rules in its plan and in its SQL', () => {
    const fields = new Set<string>();
    for (const { text, rootField, plan } of questions) {
      expect({ text, faults: faultsOf(plan, role) }).toEqual({ text, faults: [] });
      fields.add(rootField);
    }
    expect([...fields]).toEqual(
      expect.arrayContaining(
        api === 'relay'
          ? ['node', 'person_connection', 'item_connection', 'find_people_connection']
          : [
              ...['person', 'person_by_pk', 'item', 'find_people', 'person_stream', 'claims', 'plain_claims'],
              ...['query_profile', 'mutation_profile'],
            ],
      ),
    );
    if (role === 'viewer') {
      expect([...fields]).toEqual(
        expect.arrayContaining(['insert_person', 'update_person', 'update_item_many', 'delete_item_by_pk']),
      );
    }
    expect(questions.length).toBeGreaterThan(250);
  });

  test.each<[string, (plan: Plan) => Plan]>([
    ['the filter of every table', (plan) => rewritten(plan, isRows, (rows) => ({ ...rows, filter: yes }))],
    [
      'the filter of the last table only',
      (plan) => {
        let left = countOf(plan, isRows);
        return rewritten(plan, isRows, (rows) => (--left === 0 ? { ...rows, filter: yes } : rows));
      },
    ],
    ['the condition of cells', (plan) => rewritten(plan, isCell, (cell) => ({ ...cell, visibleWhen: null }))],
    [
      'the list of columns',
      (plan) =>
        rewritten(plan, isCell, (cell) =>
          'column' in cell ? { ...cell, column: hiddenLike(cell.column) } : cell,
        ),
    ],
    ['the filter of writes', (plan) => rewritten(plan, isWrite, (write) => withRule(write, { filter: yes }))],
    ['the check of writes', (plan) => rewritten(plan, isWrite, (write) => withRule(write, { check: yes }))],
  ])('a plan that has lost %s is found out', (what, lose) => {
    const canLose =
      what === 'the condition of cells'
        ? role === 'several' || role === 'heir'
        : !what.endsWith('of writes') || role !== 'visitor';
    const isFoundBy = (faults: typeof faultsOf) =>
      questions.some(({ plan }) => faults(lose(plan), role).length > 0);
    expect({ inPlan: isFoundBy(planFaultsOf), inSql: isFoundBy(sqlFaultsOf) }).toEqual({
      inPlan: canLose,
      inSql: canLose,
    });
  });
});

test('what a role may not name is in no question', () => {
  for (const role of roles) {
    for (const api of apis) {
      for (const { text } of walkSchema(schemaOf(role, api))) expect(text).not.toMatch(/hidden|guard/);
    }
  }
});

function schemaOf(role: string, api: SchemaApi): RoleSchema {
  return createRoleSchema(model, role, {
    usesBackendOnly: false,
    api,
    features: schemaFeatures,
  });
}

function planOf(text: string, schema: RoleSchema): Plan {
  const operation = selectOperation(parseDocument(text), null);
  return planOperation({
    operation,
    variables: coerceVariables(operation, null),
    schema,
    options: planOptions,
  }).plan;
}

/** Null for a question that gives a column the value which the enclosing row determines already. */
function planIfAny(text: string, schema: RoleSchema): Plan | null {
  try {
    return planOf(text, schema);
  } catch (error) {
    if (error instanceof RequestError && /already (being )?determined/.test(error.message)) return null;
    throw error;
  }
}

// ---- what is wrong with a plan -------------------------------------------------------------------------------------------------

function faultsOf(plan: Plan, role: string): readonly string[] {
  return [...planFaultsOf(plan, role), ...sqlFaultsOf(plan, role)];
}

function planFaultsOf(plan: Plan, role: string): readonly string[] {
  const faults: string[] = [];
  let count = 0;
  visit(plan, (node) => {
    if (isRows(node)) {
      count++;
      const expected = alternatives(expectedOf(role, node.table.name).rows.map(inPlan));
      const actual = outlineCondition(node.filter as Condition);
      if (actual !== expected) faults.push(`rows of ${node.table.name} under ${actual}`);
    } else if (isWrite(node)) {
      count++;
      faults.push(...writeFaultsOf(node, role));
    } else if (isCell(node)) {
      const name = 'column' in node ? node.column.name : node.call.function.name;
      const table =
        'column' in node ? tables.find(({ columns }) => columns.get(name) === node.column) : tables[0];
      const shown = table === undefined ? undefined : expectedOf(role, table.name).cells[name];
      const actual = node.visibleWhen === null ? 'all' : outlineCondition(node.visibleWhen as Condition);
      const expected =
        shown === undefined ? 'never' : shown === 'all' ? 'all' : alternatives(shown.map(inPlan));
      if (actual !== expected) faults.push(`cell ${table?.name}.${name} shows: ${actual}, not ${expected}`);
    }
  });
  // of an action just what its handler says may be asked
  const isConstant = plan.fields.every(({ kind }) => kind === 'constant' || kind === 'delegated');
  if (count === 0 && !isConstant) faults.push('no rows in the plan');
  return faults;
}

type Condition = Parameters<typeof outlineCondition>[0];

/** What is wrong with the rule of a write in the plan. */
function writeFaultsOf(write: Write, role: string): readonly string[] {
  const { rule } = write;
  const print = (condition: unknown) =>
    condition === null ? 'none' : outlineCondition(condition as Condition);
  if (!('filter' in rule)) {
    const mark = tables.map(({ name }) => expectedWrites(role, name).insert);
    return mark.some((each) => each !== null && print(rule.check) === inPlan(each))
      ? []
      : ['an insert without its check'];
  }
  if (!('check' in rule)) {
    const mark = tables.map(({ name }) => expectedWrites(role, name).delete);
    return mark.some((each) => each !== null && print(rule.filter) === inPlan(each))
      ? []
      : ['a delete without its filter'];
  }
  const used = write.choices?.flat() ?? [rule];
  const known = tables.flatMap(({ name }) => expectedWrites(role, name).update);
  return used.flatMap((each) => {
    const isKnown = known.some(
      ({ filter, check }) =>
        print(each.filter) === inPlan(filter) &&
        print(each.check) === (check === null ? 'none' : inPlan(check)),
    );
    return isKnown ? [] : [`an update under ${print(each.filter)}, then ${print(each.check)}`];
  });
}

/** Every table of a statement has an alias; the text must hold the rule and nothing but granted columns for each. */
function sqlFaultsOf(plan: Plan, role: string): readonly string[] {
  const selects = [...selectsOf(plan.fields)].map((select) =>
    renderExplain([select], (source) => (source.kind === 'literal' ? source.text : '')),
  );
  return [...selects, ...mutationTextsOf(plan), ...joinTextsOf(plan)].flatMap((text) =>
    textFaultsOf(text, role),
  );
}

function textFaultsOf(text: string, role: string): readonly string[] {
  const faults: string[] = [];
  const sources = rowSourcesOf(text);
  if (sources.length === 0) faults.push('no table in the statement');
  for (const { table, row, use } of sources) {
    const { rows, cells } = expectedOf(role, table);
    const isThere =
      use === 'read'
        ? text.includes(alternatives(rows.map((mark) => inSql(mark, row))))
        : hasWriteRule(text, role, table, row, use);
    if (!isThere) faults.push(`${use} of ${table} as ${row} without its rule`);
    for (const [, column = ''] of text.matchAll(new RegExp(`\\b${row}\\."(\\w+)"`, 'g'))) {
      const isKnown = column === 'guard' || column in cells || joined[table]?.includes(column) === true;
      if (!isKnown) faults.push(`${table}.${column} is read`);
    }
    for (const [name, marks] of Object.entries(cells)) {
      // a key finds the locked row again, and a preset may leave a cell as it is
      if (marks === 'all' || use === 'lock') continue;
      const value = name === 'code' ? `"public"."code"(${row}.*)` : `${row}."${name}"`;
      const condition = alternatives(marks.map((mark) => inSql(mark, row)));
      const uses = countIn(text, value);
      if (uses !== countIn(text, `(case when ${condition} then ${value} end)`)) {
        faults.push(`${table}.${name} is read without its condition`);
      }
    }
  }
  return faults;
}

type Use = 'read' | 'insert' | 'update' | 'delete' | 'lock' | 'written';

function hasWriteRule(text: string, role: string, table: string, row: string, use: Use): boolean {
  const expected = expectedWrites(role, table);
  const holds = (mark: string | null) => mark !== null && text.includes(inSql(mark, row));
  switch (use) {
    case 'insert': {
      const update = expected.update[0];
      const updates =
        !text.includes('do update') || (update !== undefined && holds(update.filter) && holds(update.check));
      return holds(expected.insert) && updates;
    }
    case 'update': {
      const isChosen = text.includes('for no key update');
      return expected.update.some(
        ({ filter, check }) => (isChosen || holds(filter)) && (check === null || holds(check)),
      );
    }
    case 'lock':
      return expected.update.every(({ filter }) => holds(filter));
    case 'delete':
      return holds(expected.delete);
    default:
      return true;
  }
}

/** The statements that mutations run, their literal values written in. */
function mutationTextsOf({ fields }: Plan): readonly string[] {
  return fields
    .filter((field) => field.kind === 'mutation')
    .flatMap(({ mutation }) => renderMutation(mutation))
    .map(withLiterals)
    .filter((text) => text.includes('"public"'));
}

function withLiterals({ text, parameters }: Pick<Statement, 'text' | 'parameters'>): string {
  return text.replaceAll(/\$(\d+)/g, (_match, number) => {
    const source = parameters[Number(number) - 1];
    return `'${source?.kind === 'literal' ? (source.text ?? '') : ''}'`;
  });
}

/** The statements that look up what belongs to the answers of others. */
function joinTextsOf(plan: Plan): readonly string[] {
  const texts: string[] = [];
  visit(plan, (node) => {
    if (isRowsJoin(node)) texts.push(withLiterals(renderRowsJoin(node)));
  });
  return texts;
}

function isRowsJoin(node: object): node is RowsJoin {
  return 'kind' in node && node.kind === 'rows' && 'columns' in node && 'select' in node;
}

/** The tables and the functions that return rows of them, with their aliases. */
function rowSourcesOf(
  text: string,
): readonly { readonly table: string; readonly row: string; readonly use: Use }[] {
  const found: { table: string; row: string; use: Use }[] = [];
  for (const match of text.matchAll(/"public"\."(\w+)"/g)) {
    const name = match[1] ?? '';
    let end = match.index + match[0].length;
    if (text[end] === '(') {
      for (let depth = 0; ; end++) {
        if (text[end] === '(') depth++;
        if (text[end] === ')' && --depth === 0) break;
      }
      end++;
    }
    // a native query ends with a line of its own
    const row = /^(?:\[\]\)|\n\))? as (_\d+)\b/.exec(text.slice(end))?.[1];
    if (row === undefined) continue;
    const verb =
      /(insert into|update|delete from|unnest\(\('\{' \|\| current_setting\([^|]*\) \|\| '\}'\)::) ?$/.exec(
        text.slice(0, match.index),
      )?.[1];
    let use: Use = 'read';
    if (verb === 'insert into') use = 'insert';
    else if (verb === 'update') use = 'update';
    else if (verb === 'delete from') use = 'delete';
    else if (verb !== undefined) use = 'written';
    // the first table that an update which chooses among rules reads is its own
    else if (text.includes('for no key update') && found.length === 1) use = 'lock';
    found.push({ table: returnedBy[name] ?? name, row, use });
  }
  return found;
}

function expectedOf(role: string, table: string): Expected {
  const expected = expectations[role]?.[table];
  if (expected === undefined) throw new Error(`${role} has nothing to do with ${table}`);
  return expected;
}

function alternatives(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' or ')})`;
}

function countIn(text: string, part: string): number {
  return text.split(part).length - 1;
}

function* selectsOf(fields: readonly RootPlan[]): Iterable<SelectPlan> {
  for (const field of fields) {
    if (field.kind === 'select') yield { ...field, select: withoutStream(field.select) };
    else if (field.kind === 'namespace') yield* selectsOf(field.fields);
  }
}

/** A stream is rendered as the list that it is, with its cursor as one more cell to look at. */
function withoutStream(select: SelectPlan['select']): SelectPlan['select'] {
  if (select.kind !== 'rows' || select.stream === null) return select;
  const cursor = {
    key: 'cursor',
    kind: 'value',
    operand: select.stream.operand,
    jsonPath: null,
    format: 'json',
  } as const;
  return { ...select, stream: null, output: [...select.output, cursor] };
}

// ---- looking at, and damaging, plans -------------------------------------------------------------------------------------------

interface Rows {
  readonly table: TrackedTable;
  readonly source: unknown;
  readonly filter: unknown;
}

type Cell = { readonly visibleWhen: unknown } & (
  | {
      readonly kind: 'column';
      readonly column: TrackedTable['columns'] extends ReadonlyMap<string, infer C> ? C : never;
    }
  | { readonly kind: 'call'; readonly call: { readonly function: { readonly name: string } } }
);

const yes = { kind: 'constant', value: true };

function isRows(node: object): node is Rows {
  return 'table' in node && 'source' in node && 'filter' in node;
}

interface Write {
  readonly rule: UpdateRule | InsertRule | DeleteRule;
  readonly choices?: readonly (readonly UpdateRule[])[];
}

function isWrite(node: object): node is Write {
  return 'rule' in node;
}

function withRule(write: Write, part: { readonly filter: object } | { readonly check: object }): object {
  const lose = (rule: object) => ('filter' in part && !('filter' in rule) ? rule : { ...rule, ...part });
  return {
    ...write,
    rule: lose(write.rule),
    ...(write.choices === undefined ? {} : { choices: write.choices.map((each) => each.map(lose)) }),
  };
}

function isCell(node: object): node is Cell {
  return 'visibleWhen' in node;
}

/** Parts of rules, and what the plan only refers to. */
const closed = new Set([
  'filter',
  'visibleWhen',
  'table',
  'column',
  'columns',
  'type',
  'encode',
  'rule',
  'choices',
  'relationship',
  'validations',
  'definition',
  'target',
]);

/** A filter within an aggregate predicate is the client's. */
function isClosed(key: string, parent: object): boolean {
  // what relates rows to an enclosing row; rows that belong to an answer of others are no such thing
  if (key === 'join') return 'join' in parent && Array.isArray(parent.join);
  return closed.has(key) && !(key === 'filter' && 'predicate' in parent);
}

function visit(node: unknown, look: (node: object) => void): void {
  if (typeof node !== 'object' || node === null) return;
  look(node);
  if (node instanceof Map) for (const value of node.values()) visit(value, look);
  for (const [key, value] of Object.entries(node)) if (!isClosed(key, node)) visit(value, look);
}

function rewritten<T extends object>(
  plan: Plan,
  is: (node: object) => node is T,
  change: (node: T) => object,
): Plan {
  const rewrite = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map(rewrite);
    if (node instanceof Map) return new Map([...node].map(([key, value]) => [key, rewrite(value)]));
    const copy = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, isClosed(key, node) ? value : rewrite(value)]),
    );
    return is(copy) ? change(copy) : copy;
  };
  return rewrite(plan) as Plan;
}

function countOf(plan: Plan, is: (node: object) => boolean): number {
  let count = 0;
  visit(plan, (node) => {
    if (is(node)) count++;
  });
  return count;
}

function hiddenLike(column: object): object {
  const table = tables.find(({ columns }) => [...columns.values()].includes(column as never));
  return table?.columns.get('hidden') ?? column;
}
