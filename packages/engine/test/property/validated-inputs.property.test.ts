/**
 * Webhooks of permissions against what is written: of random insertions, nested and with variables anywhere, every row that is written has been told to the
 * webhook of its table's permission as it was given, and nothing else has. Source: spec/permissions.md 10.4.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../support/project.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

type TableName = 'shelf' | 'book' | 'page' | 'note' | 'owner';

/** What can be inserted with a row; a list is of rows that point to it. */
const relationships: Readonly<Record<TableName, readonly Relationship[]>> = {
  shelf: [
    { name: 'keeper', to: 'owner', isList: false },
    { name: 'books', to: 'book', isList: true },
    { name: 'notes', to: 'note', isList: true },
  ],
  book: [
    { name: 'pages', to: 'page', isList: true },
    { name: 'notes', to: 'note', isList: true },
  ],
  page: [
    { name: 'writer', to: 'owner', isList: false },
    { name: 'notes', to: 'note', isList: true },
  ],
  note: [],
  owner: [],
};
const tableNames = Object.keys(relationships) as TableName[];

interface Relationship {
  readonly name: string;
  readonly to: TableName;
  readonly isList: boolean;
}

interface Row {
  readonly table: TableName;
  /** How the column `tag` is given, if it is. */
  readonly tag: 'left out' | 'null' | 'text' | 'variable' | 'absent variable';
  readonly nested: Readonly<Record<string, readonly Row[] | undefined>>;
  /** The whole row is a variable. */
  readonly isVariable: boolean;
}

function rowOf(table: TableName, depth: number): fc.Arbitrary<Row> {
  const below = depth === 0 ? [] : relationships[table];
  const nested = below.map(({ name, to, isList }): [string, fc.Arbitrary<readonly Row[]>] => [
    name,
    fc.array(rowOf(to, depth - 1), isList ? { maxLength: 2 } : { minLength: 1, maxLength: 1 }),
  ]);
  return fc.record({
    table: fc.constant(table),
    tag: fc.constantFrom<Row['tag'][]>('left out', 'left out', 'null', 'text', 'variable', 'absent variable'),
    nested: fc.record(Object.fromEntries(nested), { requiredKeys: [] }),
    isVariable: fc.boolean(),
  });
}

const insertions = fc.record({
  rows: fc.array(rowOf('shelf', 3), { minLength: 1, maxLength: 3 }),
  isVariable: fc.boolean(),
});

/** A row with its values. */
interface Marked {
  readonly row: Row;
  /** Unlike that of any other. */
  readonly mark: string;
  /** Of its own columns, those that count as given. */
  readonly cells: { readonly mark: string; readonly tag?: string | null };
  readonly nested: readonly { readonly relationship: Relationship; readonly rows: readonly Marked[] }[];
  /** With all that is nested, wherever the parts come from. */
  readonly json: JsonLike;
  /** What the webhook is told: the same without relationships that bring no rows. */
  readonly told: JsonLike;
}

let lastMark = 0;

/** `isAbsentNull`: an absent variable counts as null; inside of a variable there are no others. */
function marked(row: Row, isAbsentNull: boolean, isInside = false): Marked {
  const mark = `m${++lastMark}`;
  const isWhole = isInside || row.isVariable;
  const nested = relationships[row.table].flatMap((relationship) => {
    const rows = row.nested[relationship.name];
    if (rows === undefined) return [];
    return [{ relationship, rows: rows.map((one) => marked(one, isAbsentNull, isWhole)) }];
  });
  const isNull = row.tag === 'null' || (row.tag === 'absent variable' && isAbsentNull && !isWhole);
  const isText = row.tag === 'text' || row.tag === 'variable';
  const cells = { mark, ...(isNull ? { tag: null } : isText ? { tag: 'text' } : {}) };
  const withNested = (key: 'json' | 'told', of: typeof nested): JsonLike => {
    const related = of.map(({ relationship: { name, isList }, rows }) => {
      const data = rows.map((one) => one[key]);
      return [name, { data: isList ? data : (data[0] ?? null) }] as const;
    });
    return { ...cells, ...Object.fromEntries(related) };
  };
  const told = nested.filter(({ rows }) => rows.length > 0);
  return { row, mark, cells, nested, json: withNested('json', nested), told: withNested('told', told) };
}

function everyRow(row: Marked): readonly Marked[] {
  return [row, ...row.nested.flatMap(({ rows }) => rows.flatMap(everyRow))];
}

class Variables {
  readonly values: Record<string, JsonLike> = {};
  readonly declarations: string[] = [];

  add(type: string, value?: JsonLike): string {
    const name = `v${this.declarations.length}`;
    this.declarations.push(`$${name}: ${type}`);
    if (value !== undefined) this.values[name] = value;
    return `$${name}`;
  }
}

function textOf(row: Marked, variables: Variables): string {
  if (row.row.isVariable) return variables.add(`${row.row.table}_insert_input!`, row.json);
  const tag = {
    'left out': () => [],
    null: () => ['tag: null'],
    text: () => ['tag: "text"'],
    variable: () => [`tag: ${variables.add('String', 'text')}`],
    'absent variable': () => [`tag: ${variables.add('String')}`],
  }[row.row.tag]();
  const related = row.nested.map(({ relationship: { name, isList }, rows }) => {
    const texts = rows.map((one) => textOf(one, variables));
    return `${name}: {data: ${isList ? `[${texts.join(', ')}]` : texts[0]}}`;
  });
  return `{${[`mark: "${row.mark}"`, ...tag, ...related].join(', ')}}`;
}

let webhook: WebhookServer;
beforeAll(async () => {
  webhook = await startWebhookServer(() => ({ status: 200, body: '' }));
});
afterAll(() => webhook.close());

describe.each([
  {
    what: 'each table has a webhook of its own, an absent variable is null',
    pathOf: (table: TableName) => `/${table}`,
    experimentalFeatures: new Set<never>(),
    isAbsentNull: true,
  },
  {
    what: 'all tables have the same webhook, an absent variable leaves the column out',
    pathOf: () => '/all',
    experimentalFeatures: new Set(['no_null_unbound_variable_default'] as const),
    isAbsentNull: false,
  },
])('$what', ({ pathOf, experimentalFeatures, isAbsentNull }) => {
  let api: Project;
  beforeAll(async () => {
    const key = (column: string) => ({ foreign_key_constraint_on: column });
    const keyOf = (table: string, column: string) => ({
      foreign_key_constraint_on: { table: { schema: 'public', name: table }, column },
    });
    const related: Record<TableName, Record<string, JsonLike>> = {
      shelf: {
        object_relationships: [{ name: 'keeper', using: key('owner_id') }],
        array_relationships: [
          { name: 'books', using: keyOf('book', 'shelf_id') },
          { name: 'notes', using: keyOf('note', 'shelf_id') },
        ],
      },
      book: {
        array_relationships: [
          { name: 'pages', using: keyOf('page', 'book_id') },
          { name: 'notes', using: keyOf('note', 'book_id') },
        ],
      },
      page: {
        object_relationships: [{ name: 'writer', using: key('owner_id') }],
        array_relationships: [{ name: 'notes', using: keyOf('note', 'page_id') }],
      },
      note: {},
      owner: {},
    };
    api = await project({
      engine: { experimentalFeatures },
      tables: `
        create table owner (id serial primary key, mark text, tag text default 'none');
        create table shelf (id serial primary key, mark text, tag text default 'none', owner_id int references owner);
        create table book (id serial primary key, mark text, tag text default 'none', shelf_id int references shelf);
        create table page (id serial primary key, mark text, tag text default 'none', book_id int references book, owner_id int references owner);
        create table note (id serial primary key, mark text, tag text default 'none', shelf_id int references shelf, book_id int references book, page_id int references page)`,
      metadata: tableNames.map((table) => ({
        table,
        ...related[table],
        select_permissions: [{ role: 'user', permission: { columns: ['mark'], filter: {} } }],
        insert_permissions: [
          {
            role: 'user',
            permission: {
              columns: '*',
              check: {},
              validate_input: { type: 'http', definition: { url: webhook.url + pathOf(table) } },
            },
          },
        ],
      })),
    });
  });
  afterAll(() => api?.close());

  test('what is written has been told', async () => {
    await fc.assert(
      fc.asyncProperty(insertions, async ({ rows: random, isVariable }) => {
        const rows = random.map((row) => marked(row, isAbsentNull, isVariable && random.length > 1));
        const variables = new Variables();
        const [first, ...others] = rows;
        const given = () => {
          if (first !== undefined && others.length === 0)
            return `one: insert_shelf_one(object: ${textOf(first, variables)}) { mark }`;
          const objects = isVariable
            ? variables.add(
                '[shelf_insert_input!]!',
                rows.map(({ json }) => json),
              )
            : `[${rows.map((row) => textOf(row, variables)).join(', ')}]`;
          return `several: insert_shelf(objects: ${objects}) { returning { mark } }`;
        };
        const field = given();
        const declarations =
          variables.declarations.length === 0 ? '' : `(${variables.declarations.join(', ')})`;
        webhook.requests.splice(0);
        const answer = await api.as('user').query(`mutation ${declarations} { ${field} }`, variables.values);
        const all = rows.flatMap(everyRow);
        expect(answer).toHaveProperty('data');
        const told = webhook.requests.flatMap(({ url, body }) =>
          (JSON.parse(body) as { data: { input: JsonLike[] } }).data.input.map((row) => [url, row]),
        );
        expect(sorted(told)).toEqual(sorted(all.map((row) => [pathOf(row.row.table), row.told])));
        const written = await api.sql`
          select mark, tag from (
            select mark, tag from shelf union all select mark, tag from book union all select mark, tag from page
            union all select mark, tag from note union all select mark, tag from owner) rows where mark = any (${all.map(({ mark }) => mark)})`;
        // what is left out has its default, also where a variable leaves it out
        expect(sorted(written)).toEqual(sorted(all.map((row) => ({ tag: 'none', ...row.cells }))));
      }),
      { numRuns: 100 },
    );
  });
});

function sorted(items: readonly unknown[]): readonly string[] {
  return items.map((item) => JSON.stringify(withSortedKeys(item))).sort();
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([first], [second]) => (first < second ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, withSortedKeys(member)]));
}
