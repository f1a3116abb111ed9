/**
 * Rows that come as variables: of one shape they share a plan, of different shapes never, and either way they are written as rows are that stand in the document, or that
 * are the first ones ever asked for.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/authentication/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createExecutor, type Executor } from '../../src/execute/index.ts';
import type { SourceMetadata } from '../../src/metadata/index.ts';
import { createRoleSchema, type RoleSchema } from '../../src/schema/index.ts';
import { type JsonObject, parseJson, RequestError } from '../../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import type { JsonLike } from '../support/project.ts';
import { modelOf, planner, schemaFeatures } from '../support/stages.ts';

const named = (name: string) => ({ schema: 'public', name });
const source: SourceMetadata = {
  name: 'default',
  kind: 'postgres',
  configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
  tables: [
    { table: named('kind'), is_enum: true },
    {
      table: named('parent'),
      array_relationships: [
        {
          name: 'children',
          using: { foreign_key_constraint_on: { table: named('child'), column: 'parent' } },
        },
      ],
    },
    {
      table: named('child'),
      object_relationships: [{ name: 'of', using: { foreign_key_constraint_on: 'parent' } }],
    },
  ],
};

let server: TestDatabase;
let database: Database;
let schema: RoleSchema;
let modelId: number;
beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql(`
    create table kind (value text primary key);
    insert into kind values ('big'), ('small');
    create type mood as enum ('happy', 'sad');
    create table parent (
      id int primary key, name text default 'nobody', size int, amount numeric, big int8, born timestamptz, tags text[], data jsonb,
      mood mood, kind text references kind, flag bool default true
    );
    create table child (id serial primary key, parent int references parent, note text default 'none');`);
  database = openDatabase({ url: server.url, maxConnections: 1 });
  const model = await modelOf(database, { version: 3, sources: [source] });
  expect(model.inconsistencies).toEqual([]);
  modelId = model.id;
  schema = createRoleSchema(model, 'admin', {
    usesBackendOnly: false,
    features: schemaFeatures,
  });
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

function newExecutor(): Executor<RoleSchema> {
  return createExecutor<RoleSchema>({
    planner,
  });
}

const session: Session = {
  role: 'admin',
  variables: new Map([['x-hasura-role', 'admin']]),
  isAdmin: true,
  usesBackendOnly: false,
  expiresAt: null,
};

interface Result {
  /** The answer's text, or what was wrong. */
  readonly answer: string;
  readonly isRefused: boolean;
  readonly stored: readonly unknown[];
}

/** On empty tables. */
async function run(
  executor: Executor<RoleSchema>,
  query: string,
  variables: { readonly [name: string]: JsonLike } = {},
): Promise<Result> {
  await server.sql('delete from child; delete from parent; alter sequence child_id_seq restart');
  let answer: string;
  let isRefused = false;
  try {
    const bytes = await executor.execute({
      request: { query, operationName: null, variables: parseJson(JSON.stringify(variables)) as JsonObject },
      session,
      modelId,
      schema: () => schema,
      databases: new Map([['default', database]]),
    });
    answer = Buffer.concat([...bytes]).toString();
  } catch (error) {
    if (!(error instanceof RequestError) || error.code === 'unexpected') throw error;
    isRefused = true;
    answer = `${error.code} at ${error.path.toString()}: ${error.message}`;
  }
  return {
    answer,
    isRefused,
    stored: [
      ...(await server.sql('select parent::text as row from parent order by id')),
      ...(await server.sql('select child::text as row from child order by id')),
    ],
  };
}

const output =
  '{ affected_rows returning { id name size amount big born tags data mood kind flag children(order_by: {id: asc}) { id note } } }';
const insertMany = `mutation ($rows: [parent_insert_input!]!) { insert_parent(objects: $rows) ${output} }`;

describe('plans', () => {
  let executor: Executor<RoleSchema>;
  beforeEach(() => {
    executor = newExecutor();
  });
  const insert = (...rows: readonly JsonLike[]) => run(executor, insertMany, { rows });

  test('are shared by rows of one form, however many and whatever their values', async () => {
    await insert({ id: 1, name: 'a' });
    await insert({ id: 1, name: 'a' }, { id: 2, name: null }, { id: 3, name: `"';--` });
    const { stored } = await insert({ id: 7, name: 'x' });
    expect(stored).toEqual([{ row: '(7,x,,,,,,,,,t)' }]);
    expect(executor.stats()).toMatchObject({ plans: 1, hits: 2, misses: 1 });
  });

  test.each<[string, JsonLike, JsonLike]>([
    ['another column', [{ id: 1, name: 'a' }], [{ id: 1, size: 2 }]],
    ['one column more', [{ id: 1, name: 'a' }], [{ id: 1, name: 'a', size: 2 }]],
    ['one column less', [{ id: 1, name: 'a' }], [{ id: 1 }]],
    ['rows of different forms', [{ id: 1, name: 'a' }], [{ id: 1, name: 'a' }, { id: 2 }]],
    [
      'rows of different forms the other way round',
      [{ id: 1 }, { id: 2, name: 'a' }],
      [{ id: 1, name: 'a' }, { id: 2 }],
    ],
    ['one row for the list', [{ id: 1, name: 'a' }], { id: 1, name: 'a' }],
    ['no row', [{ id: 1, name: 'a' }], []],
    ['nested rows', [{ id: 1 }], [{ id: 1, children: { data: [{ note: 'n' }] } }]],
    [
      'another number of nested parents',
      [{ id: 1, children: { data: [] } }],
      [
        { id: 1, children: { data: [] } },
        { id: 2, children: { data: [{}] } },
      ],
    ],
    ['nested rows that are null', [{ id: 1, children: { data: [{}] } }], [{ id: 1, children: null }]],
    [
      'other columns of nested rows',
      [{ id: 1, children: { data: [{ note: 'n' }] } }],
      [{ id: 1, children: { data: [{ id: 5 }] } }],
    ],
    [
      'another condition of a nested conflict',
      [
        {
          id: 1,
          children: {
            data: [{ id: 5 }],
            on_conflict: { constraint: 'child_pkey', update_columns: ['note'] },
          },
        },
      ],
      [
        {
          id: 1,
          children: { data: [{ id: 5 }], on_conflict: { constraint: 'child_pkey', update_columns: [] } },
        },
      ],
    ],
    ['a name that holds another', [{ id: 1, name: 'a' }], [{ id: 1, 'name0,': 'a' }]],
  ])('are not shared: %s', async (_what, first, second) => {
    for (const rows of [first, second, first]) {
      const shared = await run(executor, insertMany, { rows });
      expect(shared).toEqual(await run(newExecutor(), insertMany, { rows }));
    }
    const { plans, misses } = executor.stats();
    const refused = (await run(newExecutor(), insertMany, { rows: second })).isRefused ? 1 : 0;
    expect(plans + refused).toBeGreaterThanOrEqual(2);
    expect(misses).toBeGreaterThanOrEqual(2);
  });
});

// ---- random rows -----------------------------------------------------------------------------------------------------------------

const key = fc.integer({ min: 1, max: 6 });
const text = fc.constantFrom('a', '', `it's "q" \\ {,}`, 'NULL', 'null');
const json: fc.Arbitrary<JsonLike> = fc.oneof(
  text,
  fc.integer({ min: -2, max: 2 }),
  fc.boolean(),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
  fc.record({ a: fc.option(key), b: text }, { requiredKeys: [] }).map((value) => ({ ...value })),
);
const columns: Record<string, fc.Arbitrary<JsonLike>> = {
  name: text,
  size: fc.oneof({ weight: 9, arbitrary: key }, { weight: 1, arbitrary: fc.constantFrom('x', 1.5, true) }),
  amount: fc.constantFrom(1.5, '2.50', 12345678901234),
  big: fc.constantFrom(1, '9007199254740993'),
  born: fc.constantFrom('2020-01-02T03:04:05Z', '2020-01-02'),
  tags: fc.array(text, { maxLength: 2 }),
  data: json,
  mood: fc.constantFrom('happy', 'sad'),
  kind: fc.constantFrom('big', 'small', 'small', 'unknown'),
  flag: fc.boolean(),
};

function cellsOf(names: readonly string[]): fc.Arbitrary<{ readonly [name: string]: JsonLike }> {
  const model: Record<string, fc.Arbitrary<JsonLike>> = {};
  for (const name of names) model[name] = fc.option(columns[name] ?? fc.constant(null), { freq: 4 });
  return fc.tuple(key, fc.record(model)).map(([id, cells]) => ({ id, ...cells }));
}

const children: fc.Arbitrary<JsonLike> = fc.option(
  fc
    .array(fc.record({ note: fc.option(text) }, { requiredKeys: [] }), { maxLength: 2 })
    .map((data) => ({ data: data.map((each) => ({ ...each })) })),
);

/** Rows of one form, of different forms, with nested rows, or one row without a list around it. */
const anyRows: fc.Arbitrary<JsonLike> = fc
  .subarray(Object.keys(columns), { maxLength: 4 })
  .chain((names): fc.Arbitrary<JsonLike> => {
    const alike = cellsOf(names);
    const rows: fc.Arbitrary<readonly JsonLike[]> = fc.oneof(
      { weight: 3, arbitrary: fc.uniqueArray(alike, { maxLength: 3, selector: ({ id }) => id }) },
      {
        weight: 2,
        arbitrary: fc.array(
          fc.subarray(names).chain((some) => cellsOf(some)),
          { maxLength: 3 },
        ),
      },
      {
        weight: 2,
        arbitrary: fc.array(
          fc.tuple(alike, children).map(([row, nested]) => ({ ...row, children: nested })),
          { maxLength: 2 },
        ),
      },
    );
    return fc.oneof({ weight: 5, arbitrary: rows }, { weight: 1, arbitrary: alike });
  });

test('random rows are written alike from a shared plan, from a plan of their own, and from the document', async () => {
  const shared = newExecutor();
  let written = 0;
  await fc.assert(
    fc.asyncProperty(anyRows, async (rows) => {
      const fromShared = await run(shared, insertMany, { rows });
      expect(fromShared).toEqual(await run(newExecutor(), insertMany, { rows }));
      const fromDocument = await run(
        newExecutor(),
        `mutation { insert_parent(objects: ${literal(rows)}) ${output} }`,
      );
      expect(fromDocument.isRefused).toBe(fromShared.isRefused);
      expect(fromDocument.stored).toEqual(fromShared.stored);
      if (fromShared.isRefused) return;
      written++;
      expect(fromDocument.answer).toEqual(fromShared.answer);
    }),
    { numRuns: 120 },
  );
  expect(written).toBeGreaterThan(40);
  expect(shared.stats().hits).toBeGreaterThan(5);
}, 120_000);

function literal(value: JsonLike, column?: string): string {
  // a value of an enum is a name
  if (column === 'kind' && typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map((each) => literal(each)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member ?? null, name)}`);
  return `{${members.join(', ')}}`;
}
