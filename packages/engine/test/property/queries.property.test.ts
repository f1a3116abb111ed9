/**
 * Whatever a role's schema offers can be asked: random queries are planned, rendered and answered by PostgreSQL. No answer holds a text that is hidden
 * from the role, be it in another column, in another row, or in a cell that another parent of an inherited role shows.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, DatabaseError, openDatabase } from '../../src/database/index.ts';
import { coerceVariables, parseDocument, selectOperation } from '../../src/graphql/index.ts';
import type { Metadata, SelectPermission, SourceMetadata } from '../../src/metadata/index.ts';
import type { Model } from '../../src/model/index.ts';
import type { ParameterSource } from '../../src/permissions/index.ts';
import { type Plan, planOperation, type RootPlan } from '../../src/plan/index.ts';
import { createRoleSchema, type RoleSchema } from '../../src/schema/index.ts';
import { renderSelects, type SelectPlan } from '../../src/sql/index.ts';
import type { JsonObject } from '../../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { randomQuery } from '../support/random-query.ts';
import { modelOf, planOptions, schemaFeatures } from '../support/stages.ts';

const named = (name: string) => ({ schema: 'public', name });
const permission = (role: string, select: SelectPermission) => ({ role, permission: select });
/** One role with both rules sees what the role sees that inherits from both. */
const permissions = (viewer: SelectPermission, auditor: SelectPermission) => [
  permission('viewer', viewer),
  permission('auditor', auditor),
  { role: 'several', permission: { rules: [viewer, auditor] } },
];

const source: SourceMetadata = {
  name: 'default',
  kind: 'postgres',
  configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
  functions: [{ function: named('find_people'), configuration: { session_argument: 'session' } }],
  tables: [
    { table: named('mood'), is_enum: true },
    {
      table: named('person'),
      object_relationships: [{ name: 'superior', using: { foreign_key_constraint_on: 'boss' } }],
      array_relationships: [
        {
          name: 'staff',
          using: { foreign_key_constraint_on: { table: named('person'), column: 'boss' } },
        },
        {
          name: 'items',
          using: { foreign_key_constraint_on: { table: named('item'), column: 'owner' } },
        },
      ],
      computed_fields: [
        { name: 'label', definition: { function: named('person_label') } },
        { name: 'greeting', definition: { function: named('person_greeting') } },
        { name: 'belongings', definition: { function: named('person_belongings') } },
      ],
      select_permissions: permissions(
        {
          columns: ['id', 'name', 'boss', 'active', 'score', 'mood', 'tags', 'data'],
          computed_fields: ['label', 'greeting'],
          filter: { active: { _eq: true } },
          allow_aggregations: true,
        },
        { columns: ['id', 'note', 'score'], filter: { score: { _gt: 1 } }, limit: 3 },
      ),
    },
    {
      table: named('item'),
      object_relationships: [{ name: 'holder', using: { foreign_key_constraint_on: 'owner' } }],
      select_permissions: permissions(
        {
          columns: ['id', 'owner', 'title', 'amount'],
          filter: { holder: { active: { _eq: true } } },
          limit: 2,
          allow_aggregations: true,
        },
        { columns: ['id', 'remark'], filter: { amount: { _lt: 2 } } },
      ),
    },
  ],
};

const metadata: Metadata = {
  version: 3,
  sources: [source],
  inherited_roles: [{ role_name: 'both', role_set: ['viewer', 'auditor'] }],
};

let server: TestDatabase;
let database: Database;
let model: Model;

beforeAll(async () => {
  server = await createTestDatabase();
  // A text is hidden from the parent roles that do not see its row, and says so.
  await server.sql(`
    create table mood (value text primary key);
    insert into mood values ('happy'), ('sad');
    create table person (
      id int primary key, name varchar(50) not null, note text, boss int references person (id), active bool, score float8, big int8,
      born date, tags text[], data jsonb, mood text references mood (value), code uuid
    );
    create table item (id int primary key, owner int references person (id), title text, remark text, amount numeric);
    insert into person
      select id, case when active then 'n' else 'HIDDEN name' end || id, case when score > 1 then 'noted ' else 'HIDDEN note' end || id,
        nullif(id / 3, 0), active, score, id, '2020-01-01'::date + id, array[case when active then 't' else 'HIDDEN tag' end],
        jsonb_build_object('a', jsonb_build_array(case when active then 'd' else 'HIDDEN datum' end)), case when id % 2 = 0 then 'sad' end, null
      from (select id, nullif(id % 3, 2) = 0 as active, id % 5 / 2.0 as score from generate_series(1, 15) id) rows;
    insert into item
      select i.id, p.id, case when p.active then 'i' else 'HIDDEN title' end || i.id, case when amount < 2 then 'remarked ' else 'HIDDEN remark' end || i.id, amount
      from (select id, id % 4 as amount from generate_series(1, 40) id) i join person p on p.id = i.id % 15 + 1;
    create function person_label(person) returns text language sql stable as $$ select $1.name || '!' $$;
    create function person_greeting(person, word text default 'hi') returns text language sql stable as $$ select $2 || $1.name $$;
    create function person_belongings(person) returns setof item language sql stable as $$ select * from item where owner = $1.id $$;
    create function find_people(lowest int default 0, session json default '{}') returns setof person language sql stable
      as $$ select * from person where id >= lowest $$;
  `);
  database = openDatabase({ url: server.url, maxConnections: 1 });
  model = await modelOf(database, metadata);
});

afterAll(async () => {
  await database?.close();
  await server?.drop();
});

test('everything fits', () => {
  expect(model.inconsistencies).toEqual([]);
});

test.each([
  ['admin', null],
  ['viewer', /HIDDEN|noted|remarked/],
  ['auditor', /HIDDEN|"[ni]\d+"/],
  ['both', /HIDDEN/],
  ['several', /HIDDEN/],
])(
  'random queries of %s',
  async (role, forbidden) => {
    const schema = schemaOf(role);
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { text, variables } = randomQuery(schema, seed);
        const answer = await answerOf(plan(text, variables, schema), variables);
        if (answer === null) return;
        answered++;
        if (forbidden?.test(answer) === true)
          throw new Error(`a hidden text in the answer to ${text}: ${answer}`);
      }),
      { numRuns: 400, endOnFailure: true },
    );
    expect(answered).toBeGreaterThan(150);
  },
  120_000,
);

test('an aggregate of nothing but type names', async () => {
  const text =
    '{ person_aggregate(distinct_on: id) { __typename aggregate { __typename max { __typename } } } }';
  expect(await answerOf(plan(text, {}, schemaOf('admin')), {})).toBe(
    '{"__typename" : "person_aggregate", "aggregate" : {"__typename" : "person_aggregate_fields", "max" : {"__typename" : "person_max_fields"}}}',
  );
});

function schemaOf(role: string): RoleSchema {
  return createRoleSchema(model, role, {
    usesBackendOnly: false,
    features: { ...schemaFeatures, mutations: false },
  });
}

function plan(text: string, variables: JsonObject, schema: RoleSchema): Plan {
  const operation = selectOperation(parseDocument(text), null);
  return planOperation({
    operation,
    variables: coerceVariables(operation, variables),
    schema,
    options: planOptions,
  }).plan;
}

/** All that PostgreSQL sends; null when a value of the query does not fit its type or function. */
async function answerOf({ fields }: Plan, variables: JsonObject): Promise<string | null> {
  const selects = fields.filter(isSelect);
  if (selects.length === 0) return null;
  const { text, parameters } = renderSelects(selects);
  const texts = parameters.map((parameter) => textOf(parameter, variables));
  try {
    const [row] = await database.queryRows({ text, parameters: texts });
    return Object.values(row ?? {}).join('\n');
  } catch (error) {
    // 22: a value that PostgreSQL refuses; 42883: `max(uuid)`, which the contract offers all the same.
    const isExpected =
      error instanceof DatabaseError && (error.sqlState.startsWith('22') || error.sqlState === '42883');
    if (isExpected) return null;
    throw new Error(`PostgreSQL refused: ${text}`, { cause: error });
  }
}

function isSelect(field: RootPlan): field is SelectPlan {
  return field.kind === 'select';
}

function textOf(source: ParameterSource, variables: JsonObject): string | null {
  switch (source.kind) {
    case 'literal':
      return source.text;
    case 'session':
      return '1';
    case 'session-object':
      return '{}';
    case 'rows-to-join':
      return '[]';
    case 'stream-cursor':
      return textOf(source.initial, variables);
    case 'variable':
      return source.encode(variables[source.name] ?? null);
  }
}
