import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import {
  boundTo,
  by,
  cell,
  cells,
  compare,
  given,
  guarded,
  int4,
  int8,
  list,
  one,
  root,
  session as sessionValue,
  set,
  table,
  text,
  variable,
  yes,
} from '../../test/support/plans.ts';
import type { Session } from '../authentication/index.ts';
import { type Bytes, type Database, openDatabase } from '../database/index.ts';
import type { Plan, RootPlan } from '../plan/index.ts';
import { type JsonObject, Path, parseJson, RequestError } from '../support/index.ts';
import { createExecutor, type Executor, type OperationRequest, type PlannedOperation } from './index.ts';

const note = table('note', { id: int4, owner: int4, body: text });
const own = guarded(note, compare(cell(note, 'owner'), 'eq', sessionValue('x-hasura-user-id', int4)));
const all = guarded(note);

let created: TestDatabase;
let db: Database;
let databases: ReadonlyMap<string, Database>;
beforeAll(async () => {
  created = await createTestDatabase();
  await created.sql(`create table note (id int primary key, owner int, body text);
    insert into note values (1, 1, 'a "quoted" ü'), (2, 2, null), (3, 1, 'c')`);
  db = openDatabase({ url: created.url, maxConnections: 3 });
  databases = new Map([
    ['default', db],
    ['other', db],
  ]);
});
afterAll(async () => {
  await db.close();
  await created.drop();
});

/** Plans by the request's text; counts how often it is asked. */
type Plans = Record<string, (request: OperationRequest) => PlannedOperation | readonly RootPlan[]>;
let planned: OperationRequest[];
let plans: Plans;
let executor: Executor<string>;
beforeEach(() => {
  planned = [];
  plans = {};
  executor = createExecutor<string>({
    planner: {
      plan(request) {
        planned.push(request);
        const made = plans[request.query]?.(request);
        if (made === undefined) throw new RequestError('validation-failed', Path.root, 'no plan');
        return 'plan' in made ? made : { plan: query(...made), structuralVariables: new Set() };
      },
    },
  });
});

function query(...fields: readonly RootPlan[]): Plan {
  return { operation: 'query', fields };
}

function sessionOf(role: string, variables: Record<string, string> = {}): Session {
  return {
    role,
    variables: new Map(Object.entries({ 'x-hasura-role': role, ...variables })),
    isAdmin: role === 'admin',
    usesBackendOnly: false,
    expiresAt: null,
  };
}

const user = sessionOf('user', { 'x-hasura-user-id': '1' });

function input(text: string, options: { variables?: string; session?: Session; modelId?: number } = {}) {
  return {
    request: {
      query: text,
      operationName: null,
      variables: options.variables === undefined ? null : (parseJson(options.variables) as JsonObject),
    },
    session: options.session ?? user,
    modelId: options.modelId ?? 1,
    schema: () => 'schema',
    databases,
  };
}

async function answer(...given: Parameters<typeof input>): Promise<unknown> {
  return JSON.parse(textOf(await executor.execute(input(...given))));
}

function textOf(bytes: Bytes): string {
  return Buffer.concat(bytes).toString();
}

const notes = (key: string, source = 'default') =>
  root(key, list(set(own, { orderBy: [by(cell(note, 'id'))] }), cells(note, 'id', 'body')), source);

describe('responses', () => {
  test('constants, namespaces, sources and nulls in the order of the request', async () => {
    plans['q'] = () => [
      { kind: 'constant', key: '__typename', json: '"query_root"' },
      notes('b', 'other'),
      {
        kind: 'namespace',
        key: 'ns',
        name: 'ns',
        fields: [
          { kind: 'constant', key: '__typename', json: '"q"' },
          notes('a'),
          root(
            'none',
            one(set(all, { where: compare(cell(note, 'id'), 'eq', given('9', int4)) }), cells(note, 'id')),
          ),
        ],
      },
      { kind: 'namespace', key: 'empty', name: 'ns', fields: [] },
    ];
    const rows = '[{"id":1,"body":"a \\"quoted\\" ü"}, \n {"id":3,"body":"c"}]';
    expect(textOf(await executor.execute(input('q')))).toBe(
      `{"data":{"__typename":"query_root","b":${rows},"ns":{"__typename":"q","a":${rows},"none":null},"empty":{}}}`,
    );
  });

  test('no field at all, and no statement', async () => {
    plans['q'] = () => [];
    expect(textOf(await executor.execute(input('q')))).toBe('{"data":{}}');
  });

  test('more root fields than a select list takes', async () => {
    plans['q'] = () => Array.from({ length: 2100 }, (_, index) => notes(`f${index}`));
    const { data } = (await answer('q')) as { data: Record<string, unknown[]> };
    expect(Object.keys(data).length).toBe(2100);
    expect(data['f2099']).toHaveLength(2);
  });
});

describe('what cannot be executed', () => {
  test('more values than a statement takes', async () => {
    const elements = Array.from({ length: 65_536 }, (_, index) => given(String(index), int4));
    const where = compare(cell(note, 'id'), 'in', { kind: 'list', elements, type: int4 });
    plans['q'] = () => [root('note', list(set(own, { where }), cells(note, 'id')))];
    await expect(executor.execute(input('q'))).rejects.toMatchObject({
      code: 'validation-failed',
      message: 'the query has more than 65535 values',
    });
  });
});

test('a stream gives its batches one after another, from where one says', async () => {
  const stream = {
    operand: cell(note, 'id'),
    column: 'id',
    direction: 'asc' as const,
    initialValue: given('0', int4),
    batchSize: given('1', int4),
  };
  plans['q'] = () => [root('note_stream', list(set(own), cells(note, 'id'), { stream }))];
  const prepared = executor.prepare(input('q')).stream;
  const cursors: (string | null)[] = [];
  let text = '';
  for (let cursor: string | null | undefined = null; cursor !== undefined; ) {
    const batch: { answer: readonly Uint8Array[]; cursor: string | null } | undefined =
      await prepared?.batch(cursor);
    text += `${Buffer.concat(batch?.answer ?? [])} `;
    cursors.push(batch?.cursor ?? null);
    cursor = batch?.cursor ?? undefined;
  }
  expect([text, cursors]).toEqual([
    '{"data":{"note_stream":[{"id" : 1}]}} {"data":{"note_stream":[{"id" : 3}]}} {"data":{"note_stream":[]}} ',
    ['1', '3', null],
  ]);
});

describe('the plan cache', () => {
  beforeEach(() => {
    plans['q'] = ({ variables }) => {
      const where = compare(cell(note, 'id'), 'gte', variable('least', int4));
      const ordering = variables?.['order'] === 'desc' ? 'desc' : 'asc';
      return {
        plan: query(
          root(
            'note',
            list(
              set(own, {
                where: variables?.['least'] === null ? yes : where,
                orderBy: [by(cell(note, 'id'), ordering)],
              }),
              cells(note, 'id'),
            ),
          ),
        ),
        structuralVariables: new Set(variables !== null && 'order' in variables ? ['order'] : []),
      };
    };
  });

  const ids = (...list: readonly number[]) => ({ data: { note: list.map((id) => ({ id })) } });

  test('another value of a plain variable, and another user of the same role, use the same plan', async () => {
    expect(await answer('q', { variables: '{"least": 1}' })).toEqual(ids(1, 3));
    expect(await answer('q', { variables: '{"least": 2}' })).toEqual(ids(3));
    expect(
      await answer('q', {
        variables: '{"least": 2}',
        session: sessionOf('user', { 'x-hasura-user-id': '2' }),
      }),
    ).toEqual(ids(2));
    expect(planned.length).toBe(1);
    expect(executor.stats()).toMatchObject({ plans: 1, hits: 2, misses: 1 });
  });

  test('null, absence and names that run together are shapes of their own', async () => {
    await answer('q', { variables: '{"least": 1}' });
    expect(await answer('q', { variables: '{"least": null}' })).toEqual(ids(1, 3));
    await answer('q', { variables: '{}' });
    await answer('q', { variables: '{"least1": 1, "x": 1}' });
    await answer('q', { variables: '{"least": 1, "1x": 1}' });
    expect(planned.length).toBe(5);
  });

  test('role, backend flag, model and operation name keep plans apart', async () => {
    await answer('q', { variables: '{"least": 1}' });
    await answer('q', { variables: '{"least": 1}', session: { ...user, role: 'editor' } });
    await answer('q', { variables: '{"least": 1}', session: { ...user, usesBackendOnly: true } });
    await answer('q', { variables: '{"least": 1}', modelId: 2 });
    const named = input('q', { variables: '{"least": 1}' });
    await executor.execute({ ...named, request: { ...named.request, operationName: 'q' } });
    expect(planned.length).toBe(5);
  });

  test('a new model drops the plans of the old one, and late requests of the old one keep none', async () => {
    await answer('q', { variables: '{"least": 1}', modelId: 1 });
    await answer('q', { variables: '{"least": 1}', modelId: 2 });
    await answer('q', { variables: '{"least": 1}', modelId: 1 });
    expect(executor.stats().plans).toBe(1);
    await answer('q', { variables: '{"least": 1}', modelId: 2 });
    expect(planned.length).toBe(3);
  });

  test('a variable that turns out to be structural drops the plans made without regard to it', async () => {
    await answer('q', { variables: '{"least": 1}' });
    expect(await answer('q', { variables: '{"least": 1, "order": "desc"}' })).toEqual(ids(3, 1));
    expect(await answer('q', { variables: '{"least": 1, "order": "asc"}' })).toEqual(ids(1, 3));
    expect(await answer('q', { variables: '{"least": 2, "order": "desc"}' })).toEqual(ids(3));
    expect(planned.length).toBe(3);
    await answer('q', { variables: '{"least": 1}' });
    expect(planned.length).toBe(4);
  });

  test('failures are not kept, and the number of plans has a bound', async () => {
    await expect(executor.execute(input('unknown'))).rejects.toThrow('no plan');
    await expect(executor.execute(input('unknown'))).rejects.toThrow('no plan');
    expect(planned.length).toBe(2);
    const small = createExecutor<string>({
      planner: { plan: () => ({ plan: query(notes('note')), structuralVariables: new Set() }) },
      cache: { maxEntries: 3 },
    });
    for (let index = 0; index < 10; index++) await small.execute(input(`q${index}`));
    expect(small.stats().plans).toBe(3);
  });
});

describe('values', () => {
  test('a missing session variable fails before any statement', async () => {
    plans['q'] = () => [
      notes('a'),
      root(
        'b',
        list(
          set(guarded(note, compare(cell(note, 'body'), 'eq', sessionValue('x-hasura-org', text)))),
          cells(note, 'id'),
        ),
        'other',
      ),
    ];
    await expect(executor.execute(input('q'))).rejects.toMatchObject({
      code: 'not-found',
      message: 'missing session variable: "x-hasura-org"',
      path: Path.root,
      status: 400,
    });
  });

  test("a fault in a variable's value comes first", async () => {
    const encode = () => {
      throw new RequestError('parse-failed', Path.root.child('selectionSet'), 'no number');
    };
    plans['q'] = () => [
      root(
        'a',
        list(set(own, { limit: boundTo({ kind: 'variable', name: 'n', encode }, int8) }), cells(note, 'id')),
      ),
    ];
    await expect(
      executor.execute(input('q', { variables: '{"n": "x"}', session: sessionOf('user') })),
    ).rejects.toThrow('no number');
  });

  test('a value that PostgreSQL refuses is a fault of the request', async () => {
    plans['q'] = () => [notes('a')];
    await expect(
      executor.execute(input('q', { session: sessionOf('user', { 'x-hasura-user-id': 'abc' }) })),
    ).rejects.toMatchObject({
      code: 'data-exception',
      message: 'invalid input syntax for type integer: "abc"',
      status: 400,
    });
  });

  test('a statement that cannot run is our failure, with its details inside', async () => {
    const gone = table('gone', { id: int4 });
    plans['q'] = () => [root('a', list(set(guarded(gone)), cells(gone, 'id')))];
    const error = await executor.execute(input('q')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'unexpected',
      message: 'database query error',
      status: 500,
      internal: {
        prepared: true,
        arguments: [],
        error: {
          exec_status: 'FatalError',
          status_code: '42P01',
          message: 'relation "public.gone" does not exist',
          description: null,
        },
      },
    });
  });

  test('a database that is not there', async () => {
    const nowhere = openDatabase({ url: 'postgres://postgres@127.0.0.1:1/x', maxConnections: 1, retries: 0 });
    plans['q'] = () => [notes('a')];
    await expect(
      executor.execute({ ...input('q'), databases: new Map([['default', nowhere]]) }),
    ).rejects.toMatchObject({
      code: 'postgres-error',
      message: 'connection error',
      status: 500,
    });
    await nowhere.close();
  });
});

describe('prepared operations', () => {
  test('equal questions have equal keys and run again and again', async () => {
    plans['q'] = () => [
      root(
        'note',
        list(
          set(own, { where: compare(cell(note, 'id'), 'gte', variable('least', int4)) }),
          cells(note, 'id'),
        ),
      ),
    ];
    const first = executor.prepare(input('q', { variables: '{"least": 2}' }));
    expect(textOf(await first.run())).toBe('{"data":{"note":[{"id":3}]}}');
    await created.sql('insert into note values (4, 1, null)');
    expect(textOf(await first.run())).toBe('{"data":{"note":[{"id":3}, \n {"id":4}]}}');
    await created.sql('delete from note where id = 4');
    const sameUser = { ...user, variables: new Map([...user.variables, ['x-hasura-unused', 'z']]) };
    expect(executor.prepare(input('q', { variables: '{"least": 2}', session: sameUser })).key).toBe(
      first.key,
    );
    expect(executor.prepare(input('q', { variables: '{"least": 3}' })).key).not.toBe(first.key);
  });

  test('what is looked up elsewhere is looked up for each session', () => {
    const columns = [...note.columns.values()].filter(({ name }) => name === 'id');
    const select = list(set(own), cells(note, 'body'));
    plans['q'] = () => [
      root(
        'note',
        list(set(all), [
          {
            kind: 'join',
            key: 'others',
            values: [cell(note, 'id')],
            join: { kind: 'rows', source: 'other', columns, select },
          },
        ]),
      ),
    ];
    const keyOf = (session: Session) => executor.prepare(input('q', { session })).key;
    const other = sessionOf('user', { 'x-hasura-user-id': '2' });
    expect(keyOf(user)).toBe(keyOf({ ...user }));
    expect(keyOf(user)).not.toBe(keyOf(other));
    expect(keyOf(user)).not.toBe(keyOf({ ...user, role: 'others' }));
  });
});

describe('explain', () => {
  test('each root field with its values in the statement', async () => {
    plans['q'] = () => [
      { kind: 'constant', key: '__typename', json: '"query_root"' },
      { kind: 'namespace', key: 'ns', name: 'ns', fields: [notes('mine')] },
    ];
    const explained = JSON.parse(await executor.explain(input('q'))) as { sql: string; plan: string[] }[];
    expect(explained).toEqual([
      { field: '__typename', sql: null, plan: null },
      {
        field: 'ns.mine',
        sql: expect.stringContaining(`where (_0."owner" = ('1')::integer)`),
        plan: expect.arrayContaining([expect.stringMatching(/^Aggregate/)]),
      },
    ]);
  });

  test('a subscription as its statement for many, with the values of one', async () => {
    const ids = variable('ids', int4, { isArray: true });
    const encoded = { ...ids, source: { kind: 'variable' as const, name: 'ids', encode: () => '{1,2,3}' } };
    plans['q'] = () => ({
      plan: {
        operation: 'subscription',
        fields: [
          root(
            'note',
            list(set(own, { where: compare(cell(note, 'id'), 'in', encoded) }), cells(note, 'id')),
          ),
        ],
      },
      structuralVariables: new Set(),
    });
    expect(JSON.parse(await executor.explain(input('q', { variables: '{"ids": [1, 2, 3]}' })))).toEqual({
      sql: expect.stringContaining('= _subs.value_0'),
      plan: expect.arrayContaining([expect.stringMatching(/Function Scan/)]),
      variables: { session: { 'x-hasura-user-id': '1' }, query: {}, synthetic: ['{1,2,3}'], cursor: {} },
    });
  });

  test('a mutation is refused', async () => {
    plans['q'] = () => ({ plan: { operation: 'mutation', fields: [] }, structuralVariables: new Set() });
    await expect(executor.explain(input('q'))).rejects.toMatchObject({
      code: 'invalid-params',
      message: 'only queries can be explained',
    });
  });
});
