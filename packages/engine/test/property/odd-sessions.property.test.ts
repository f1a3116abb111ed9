/**
 * Odd values in one look for many: whatever the values of some sessions are, and whether PostgreSQL can read them at all, each session is told what it would be
 * told if it were alone, its rows or its own error.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/authentication/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createExecutor, type PreparedOperation } from '../../src/execute/index.ts';
import type { Model } from '../../src/model/index.ts';
import { createRoleSchema, type RoleSchema } from '../../src/schema/index.ts';
import { cohortsOf, placeOf } from '../../src/subscriptions/cohorts.ts';
import { lookTogether } from '../../src/subscriptions/look-together.ts';
import { type Json, RequestError } from '../../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { modelOf, planner, schemaFeatures } from '../support/stages.ts';

let server: TestDatabase;
let database: Database;
let model: Model;
let schema: RoleSchema;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql(`
    create table thing (id int primary key, owner text, score float8, tags text[], data jsonb, day date, key uuid);
    insert into thing
      select id, (array['', 'a', 'null', 'NaN', '{}', e'a\\u0001', 'a"b', 'a\\b', null])[id % 9 + 1], (array['NaN', '0', '-Infinity', '1e300', null])[id % 5 + 1]::float8,
        (array['{}', '{""}', '{null}', '{"a,b"}', '{a,a}', null])[id % 6 + 1]::text[], (array['null', '{}', '[]', '""', '0', '{"a":1,"a":2}', null])[id % 7 + 1]::jsonb,
        date '2020-01-01' + id, lpad(to_hex(id), 32, '0')::uuid
      from generate_series(1, 60) id;
    -- what a server says when it goes down, for some
    create function raises(thing, session json) returns text language plpgsql stable as $$
      begin
        if session ->> 'x-hasura-user-id' = 'a"b' then raise exception using errcode = '57P01', message = 'of ' || (session ->> 'x-hasura-tags'); end if;
        if session ->> 'x-hasura-user-id' = 'a' then raise exception using errcode = '22012', message = 'of ' || (session ->> 'x-hasura-tags'); end if;
        return $1.id || ' ' || (session ->> 'x-hasura-tags');
      end $$;`);
  database = openDatabase({ url: server.url, maxConnections: 1 });
  const columns = ['id', 'owner', 'score', 'tags', 'data', 'day', 'key'];
  model = await modelOf(database, {
    version: 3,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
        tables: [
          {
            table: { schema: 'public', name: 'thing' },
            computed_fields: [
              {
                name: 'raises',
                definition: { function: { schema: 'public', name: 'raises' }, session_argument: 'session' },
              },
            ],
            select_permissions: [
              {
                role: 'user',
                permission: {
                  columns,
                  computed_fields: ['raises'],
                  allow_aggregations: true,
                  filter: {
                    _or: [
                      { owner: { _eq: 'X-Hasura-User-Id' } },
                      { score: { _eq: 'X-Hasura-Score' } },
                      { tags: { _eq: 'X-Hasura-Tags' } },
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    ],
  });
  expect(model.inconsistencies).toEqual([]);
  schema = createRoleSchema(model, 'user', {
    usesBackendOnly: false,
    features: schemaFeatures,
  });
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const executor = createExecutor<RoleSchema>({
  planner,
});

const documents = [
  `subscription ($text: String!, $score: float8!, $data: jsonb!, $day: date!, $key: uuid!) {
    thing(where: {_or: [{owner: {_eq: $text}}, {score: {_gte: $score}}, {data: {_eq: $data}}, {day: {_lt: $day}}, {key: {_eq: $key}}]}, order_by: {id: asc}, limit: 4) { id owner score }
  }`,
  `subscription ($text: String!, $score: float8!, $data: jsonb!, $day: date!, $key: uuid!) {
    thing_aggregate(where: {owner: {_similar: $text}, score: {_neq: $score}, data: {_contained_in: $data}, day: {_neq: $day}, key: {_neq: $key}}) {
      aggregate { count max { id } } nodes { id tags }
    }
  }`,
  'subscription { thing(order_by: {id: desc}, limit: 2) { id raises } }',
  `subscription ($day: date!) { thing_stream(cursor: {initial_value: {day: $day}}, batch_size: 2) { id raises } }`,
  `subscription ($score: float8!) { thing_stream(cursor: {initial_value: {score: $score}, ordering: DESC}, batch_size: 2) { id score } }`,
];

const texts = [
  '',
  'a',
  'null',
  'NULL',
  'NaN',
  '{}',
  'a\u0001',
  'a"b',
  'a\\b',
  '%',
  '(',
  'a\ud800',
  '\u0000',
  '‮',
  "'; --",
];
const scores = ['NaN', '0', '-0', 'Infinity', '-Infinity', '1e300', '1e999', '', ' 1 ', 'x'];
const arrays = ['{}', '{""}', '{null}', '{"null"}', '{"a,b"}', '{a,b}', '{a,a}', '', '{', 'a', '[2:3]={a,a}'];
const days = ['2020-01-20', 'infinity', '-infinity', '', '2020-13-01', '0001-01-01 BC', 'epoch'];
const keys = ['00000000-0000-0000-0000-000000000005', '{00000000000000000000000000000006}', '', 'x'];
const datas: Json[] = [{}, [], '', 0, { a: 2 }, '\u0000', { '\u0000': 1 }, '\ud800', 1e-7];

const clients = fc.array(
  fc.record({
    session: fc.record({
      'x-hasura-user-id': fc.constantFrom(...texts),
      'x-hasura-score': fc.constantFrom(...scores),
      'x-hasura-tags': fc.constantFrom(...arrays),
    }),
    variables: fc.record({
      text: fc.constantFrom<Json[]>(...texts),
      score: fc.constantFrom<Json[]>(...scores, 0, 1, -1),
      data: fc.constantFrom(...datas),
      day: fc.constantFrom<Json[]>(...days),
      key: fc.constantFrom<Json[]>(...keys),
    }),
  }),
  { minLength: 2, maxLength: 8 },
);

test.each(documents)('%s', async (query) => {
  let compared = 0;
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(clients, async (asking) => {
      const used = [...query.matchAll(/\$(\w+):/g)].map(([, name]) => name);
      const prepared = asking.flatMap(({ session, variables }) => {
        const given = Object.entries(variables).filter(([name]) => used.includes(name));
        const operation = prepare(query, Object.fromEntries(given), session);
        return operation === null ? [] : [operation];
      });
      const alone: string[] = [];
      for (const each of prepared) alone.push(await aloneOf(each));
      const subscriber = { onAnswer: () => true, onError() {} };
      const places = prepared.map((operation) => placeOf(operation, subscriber, null));
      const cohorts = cohortsOf(places);
      const outcomes = await lookTogether(cohorts, new AbortController().signal, () => {});
      places.forEach((place, index) => {
        const outcome = outcomes[cohorts.findIndex((cohort) => cohort.places.includes(place))];
        if (outcome === undefined) throw new Error('a place without outcome');
        expect('error' in outcome ? told(outcome.error) : readable(outcome.look)).toBe(alone[index]);
        compared++;
        if ('error' in outcome) failed++;
      });
    }),
    { numRuns: 60 },
  );
  expect(failed / compared).toBeGreaterThan(0.1);
  expect(failed / compared).toBeLessThan(0.95);
});

/** Null: refused before anything is run. */
function prepare(
  query: string,
  variables: Record<string, Json>,
  given: Record<string, string>,
): PreparedOperation | null {
  const session: Session = {
    role: 'user',
    isAdmin: false,
    usesBackendOnly: false,
    variables: new Map(Object.entries(given)),
    expiresAt: null,
  };
  const request = { query, operationName: null, variables };
  try {
    return executor.prepare({
      request,
      session,
      modelId: model.id,
      schema: () => schema,
      databases: new Map([['default', database]]),
    });
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

function aloneOf(operation: PreparedOperation): Promise<string> {
  const look =
    operation.stream === undefined
      ? operation.run().then((answer) => ({ answer, cursor: null }))
      : operation.stream.batch(null);
  return look.then(readable, told);
}

function readable({ answer, cursor }: { answer: readonly Uint8Array[]; cursor: string | null }): string {
  return `${Buffer.concat(answer)} ${cursor}`;
}

function told(error: unknown): string {
  if (!(error instanceof RequestError)) throw error;
  return `${error.code} ${error.path}: ${error.message}`;
}
