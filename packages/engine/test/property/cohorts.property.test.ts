/**
 * Many sessions in one statement: whatever a role's schema offers, each set of values gets byte for byte what its own statement answers. The rules all
 * depend on the session, so that a row, a cell or a number of another session is another answer.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/authentication/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { bindParameters, type StreamBatch } from '../../src/execute/index.ts';
import { type Executable, makeExecutable } from '../../src/execute/executable.ts';
import { runQueries, runStream } from '../../src/execute/run.ts';
import { bindShared, runShared, sharedStatementOf } from '../../src/execute/together.ts';
import { coerceVariables, parseDocument, selectOperation } from '../../src/graphql/index.ts';
import type { Metadata, SelectPermission, SourceMetadata } from '../../src/metadata/index.ts';
import type { Model } from '../../src/model/index.ts';
import { planOperation } from '../../src/plan/index.ts';
import { createRoleSchema, type RoleSchema } from '../../src/schema/index.ts';
import { type Json, type JsonObject, RequestError } from '../../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { randomQuery } from '../support/random-query.ts';
import { modelOf, planOptions, schemaFeatures } from '../support/stages.ts';

const named = (name: string) => ({ schema: 'public', name });
const own = { owner: { _eq: 'X-Hasura-User-Id' } };
const ofTeam = { team: { _in: 'X-Hasura-Teams' } };
/** `both` inherits: its cells are those of whichever parent shows the row, so that cells depend on the session, too. */
const rules = (member: SelectPermission, watcher: SelectPermission) => [
  { role: 'member', permission: member },
  { role: 'watcher', permission: watcher },
];

const source: SourceMetadata = {
  name: 'default',
  kind: 'postgres',
  configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
  functions: [{ function: named('documents_of'), configuration: { session_argument: 'session' } }],
  tables: [
    {
      table: named('document'),
      object_relationships: [{ name: 'parent', using: { foreign_key_constraint_on: 'above' } }],
      array_relationships: [
        {
          name: 'parts',
          using: { foreign_key_constraint_on: { table: named('document'), column: 'above' } },
        },
        {
          name: 'notes',
          using: { foreign_key_constraint_on: { table: named('note'), column: 'document' } },
        },
      ],
      computed_fields: [
        {
          name: 'mine',
          definition: { function: named('document_mine'), session_argument: 'session' },
        },
      ],
      select_permissions: rules(
        {
          columns: ['id', 'owner', 'title', 'size', 'tags', 'data', 'at'],
          computed_fields: ['mine'],
          filter: { _or: [own, ofTeam] },
          allow_aggregations: true,
        },
        {
          columns: ['id', 'team', 'size'],
          filter: { _and: [{ size: { _gt: 'X-Hasura-Least' } }, { notes: own }] },
          allow_aggregations: true,
        },
      ),
    },
    {
      table: named('note'),
      object_relationships: [{ name: 'about', using: { foreign_key_constraint_on: 'document' } }],
      select_permissions: rules(
        { columns: ['id', 'document', 'owner', 'body'], filter: own, allow_aggregations: true },
        { columns: ['id', 'body'], filter: { about: ofTeam } },
      ),
    },
  ],
};

const metadata: Metadata = {
  version: 3,
  sources: [source],
  inherited_roles: [{ role_name: 'both', role_set: ['member', 'watcher'] }],
};

let server: TestDatabase;
let database: Database;
let model: Model;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql(`
    create table document (
      id int primary key, above int references document (id), owner int, team text, title text, size float8, tags text[], data jsonb, at timestamptz
    );
    create table note (id int primary key, document int references document (id), owner int, body text);
    insert into document
      select id, nullif(id / 4, 0), id % 4, (array['red', 'green', 'it''s "so"'])[id % 3 + 1], 'title ' || id, id % 5 / 2.0, array['t' || id % 3],
        jsonb_build_object('a', jsonb_build_array(id)), '2020-01-01'::timestamptz + id * interval '1 hour'
      from generate_series(1, 24) id;
    insert into note select id, id % 24 + 1, id % 4, 'body ' || id from generate_series(1, 60) id;
    create function document_mine(document, session json) returns text language sql stable
      as $$ select $1.title || ' for ' || ($2 ->> 'x-hasura-user-id') $$;
    create function documents_of(lowest int default 0, session json default '{}') returns setof document language sql stable
      as $$ select * from document where id >= lowest and owner = ($2 ->> 'x-hasura-user-id')::int $$;
  `);
  // where nothing is said about an order it is mostly that of the tables, by either statement
  const ways = ['hashjoin', 'mergejoin', 'hashagg', 'indexscan', 'indexonlyscan', 'bitmapscan'];
  await server.sql(
    `do $$ begin ${ways.map((way) => `execute format('alter database %I set enable_${way} = off', current_database());`).join(' ')} end $$`,
  );
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

/** What is asked for one client. */
interface Client {
  readonly session: Session;
  /** Moves the numbers among the variables, so that clients differ by them, too. */
  readonly shift: number;
}

const clients: fc.Arbitrary<readonly Client[]> = fc.array(
  fc.record({
    session: fc
      .record({
        user: fc.integer({ min: 0, max: 4 }),
        teams: fc.subarray(['red', 'green', 'it\'s "so"', '{},\\']),
        least: fc.integer({ min: 0, max: 2 }),
      })
      .map(({ user, teams, least }) =>
        sessionOf({
          'x-hasura-user-id': String(user),
          'x-hasura-teams': `{${teams.map((team) => JSON.stringify(team)).join(',')}}`,
          'x-hasura-least': String(least),
        }),
      ),
    shift: fc.constantFrom(0, 0, 1, 2),
  }),
  { minLength: 2, maxLength: 6 },
);

/** The same for answers whose lists differ only in their order, which few of the random queries say anything about. */
function inAnyOrder(answer: string): unknown {
  return sorted(JSON.parse(answer));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(sorted(item))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, sorted(member)]));
}

test.each(['member', 'watcher', 'both', 'admin'])(
  'random subscriptions of %s for several sessions at once',
  async (role) => {
    const schema = schemaOf(role);
    let compared = 0;
    let different = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), clients, async (seed, asking) => {
        const { text, variables } = randomQuery(schema, seed, { isWhole: true });
        const executable = executableOf(text, variables, schema);
        const shared = sharedStatementOf(executable);
        if (shared === null) return;
        const bindings = asking.map(({ session, shift }) => ({
          session,
          variables: shifted(variables, shift),
        }));
        const alone: (string | null)[] = [];
        for (const each of bindings) alone.push(await aloneOf(executable, each));
        // what PostgreSQL refuses is nobody's answer
        const sound = bindings.filter((_each, index) => alone[index] !== null);
        if (sound.length < 2) return;
        const together = await runShared(
          shared,
          sound.map((each) => bindShared(shared, each)),
          new Map([['default', database]]),
          undefined,
        );
        const answers = together.map(({ answer }) => Buffer.concat(answer).toString());
        expect(answers.map(inAnyOrder)).toEqual(alone.filter((answer) => answer !== null).map(inAnyOrder));
        compared++;
        if (new Set(alone).size > 1) different++;
      }),
      { numRuns: 200, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(60);
    // else a leak could not be seen
    if (role !== 'admin') expect(different).toBeGreaterThan(30);
  },
  120_000,
);

test.each(['member', 'watcher', 'both'])(
  'streams of %s, each session from its own place',
  async (role) => {
    const schema = schemaOf(role);
    let different = 0;
    await fc.assert(
      fc.asyncProperty(
        clients,
        fc.constantFrom('id', 'size'),
        fc.constantFrom('ASC', 'DESC'),
        fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 6, maxLength: 6 }),
        async (asking, column, ordering, places) => {
          const text = `subscription ($size: Int!, $from: ${column === 'id' ? 'Int' : 'float8'}) {
            document_stream(batch_size: $size, cursor: {initial_value: {${column}: $from}, ordering: ${ordering}}) { id size }
          }`;
          const variables = { size: 3, from: 0 };
          const executable = executableOf(text, variables, schema);
          const shared = sharedStatementOf(executable);
          if (shared === null) throw new Error('streams are run together');
          const databases = new Map([['default', database]]);
          const bindings = asking.map(({ session, shift }, index) => ({
            session,
            variables: { size: 1 + shift, from: places[index] ?? 0 },
            // some have come somewhere already
            ...(index % 2 === 0 ? {} : { streamCursor: String(places[index]) }),
          }));
          const alone: unknown[] = [];
          for (const each of bindings) {
            const parameters = executable.statements.flatMap(({ statement }) =>
              bindParameters(statement, each),
            );
            alone.push(readable(await runStream(executable, parameters, { databases, signal: undefined })));
          }
          const sets = bindings.map((each) => bindShared(shared, each));
          expect((await runShared(shared, sets, databases, undefined)).map(readable)).toEqual(alone);
          if (new Set(alone.map((each) => JSON.stringify(each))).size > 1) different++;
        },
      ),
      { numRuns: 100, endOnFailure: true },
    );
    expect(different).toBeGreaterThan(20);
  },
  120_000,
);

function readable({ answer, cursor }: StreamBatch): unknown {
  return [Buffer.concat(answer).toString(), cursor];
}

function executableOf(text: string, variables: JsonObject, schema: RoleSchema): Executable {
  const operation = selectOperation(parseDocument(text), null);
  const { plan } = planOperation({
    operation,
    variables: coerceVariables(operation, variables),
    schema,
    options: planOptions,
  });
  return makeExecutable({ ...plan, operation: 'subscription' });
}

async function aloneOf(
  executable: Executable,
  bindings: { readonly session: Session; readonly variables: JsonObject },
): Promise<string | null> {
  try {
    const parameters = executable.statements.map(({ statement }) => bindParameters(statement, bindings));
    const answer = await runQueries(executable, parameters, {
      databases: new Map([['default', database]]),
      signal: undefined,
      answerDelegated: () => Promise.reject(new Error('nothing is delegated')),
      complete: () => Promise.reject(new Error('nothing is joined')),
    });
    return Buffer.concat(answer).toString();
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** Whole numbers that are given as they are; lists and objects decide the shape of the plan. */
function shifted(variables: JsonObject, by: number): JsonObject {
  const entries = Object.entries(variables).map(([name, value]): [string, Json] => [
    name,
    typeof value === 'number' && Number.isInteger(value) ? value + by : value,
  ]);
  return Object.fromEntries(entries);
}

function sessionOf(variables: Record<string, string>): Session {
  return {
    role: 'any',
    variables: new Map(Object.entries(variables)),
    isAdmin: false,
    usesBackendOnly: false,
    expiresAt: null,
  } as Session;
}

function schemaOf(role: string): RoleSchema {
  return createRoleSchema(model, role, {
    usesBackendOnly: false,
    features: { ...schemaFeatures, mutations: false },
  });
}
