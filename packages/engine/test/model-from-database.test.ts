/** Catalogue and metadata of a real database through `buildModel`, and what PostgreSQL makes of encoded values. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Catalog,
  type PgType,
  qualifiedKey,
  readCatalog,
  readEnumValues,
} from '../src/catalog/index.ts';
import { type Database, openDatabase } from '../src/database/index.ts';
import type { Metadata, SourceMetadata } from '../src/metadata/index.ts';
import { buildModel, enumTablesOf, type Model, type TrackedTable } from '../src/model/index.ts';
import { encodeList, encodeValue } from '../src/permissions/index.ts';
import { type Json, Path } from '../src/support/index.ts';
import { createTestDatabase, type TestDatabase } from './support/index.ts';
import { printExpression } from './support/print-expression.ts';
import { modelOptions } from './support/stages.ts';

let server: TestDatabase;
let database: Database;
let catalog: Catalog;
let model: Model;

const inSchema = (name: string) => ({ schema: 'public', name });

const source: SourceMetadata = {
  name: 'default',
  kind: 'postgres',
  configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
  functions: [{ function: inSchema('search_employees'), configuration: { session_argument: 'session' } }],
  tables: [
    {
      table: inSchema('manager'),
      array_relationships: [
        {
          name: 'employees',
          using: {
            foreign_key_constraint_on: { table: inSchema('employee'), column: 'manager_id' },
          },
        },
      ],
    },
    {
      table: inSchema('employee'),
      object_relationships: [{ name: 'manager', using: { foreign_key_constraint_on: 'manager_id' } }],
      computed_fields: [
        { name: 'yearly_salary', definition: { function: inSchema('employee_yearly_salary') } },
        {
          name: 'colleagues',
          definition: { function: inSchema('employee_colleagues'), table_argument: 'of' },
        },
      ],
      select_permissions: [
        {
          role: 'employee',
          permission: {
            columns: ['id', 'name', 'salary'],
            computed_fields: ['yearly_salary'],
            filter: { id: { _eq: 'X-Hasura-User-Id' } },
          },
        },
        {
          role: 'manager',
          permission: {
            columns: ['name', 'remarks'],
            filter: { _and: [{ manager_id: 'X-Hasura-Manager-Id' }, { mood: { _eq: 'happy' } }] },
            allow_aggregations: true,
          },
        },
      ],
    },
    { table: inSchema('mood'), is_enum: true },
    { table: inSchema('staff') },
  ],
};

const metadata: Metadata = {
  version: 3,
  sources: [source],
  inherited_roles: [{ role_name: 'manager_employee', role_set: ['manager', 'employee'] }],
};

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql(`
    create table manager (id serial primary key, name text not null);
    create table mood (value text primary key, comment text);
    insert into mood values ('happy', 'smiles'), ('sad', null);
    create table employee (
      id serial primary key, name text not null, salary int not null, remarks text,
      manager_id int references manager (id), mood text references mood (value),
      upper_name text generated always as (upper(name)) stored
    );
    create view staff as select id, name from employee;
    create function employee_yearly_salary(employee) returns int language sql stable as 'select $1.salary * 12';
    create function employee_colleagues(note text, of employee) returns setof employee language sql stable
      as 'select * from employee';
    create function search_employees(words text, session json) returns setof employee language sql stable
      as 'select * from employee';
  `);
  database = openDatabase({ url: server.url });
  catalog = await readCatalog(database);
  model = buildModel({
    metadata,
    catalogs: new Map([['default', catalog]]),
    enumValues: new Map([['default', await readEnumValues(database, enumTablesOf(source, catalog))]]),
    options: modelOptions,
  });
});

afterAll(async () => {
  await database?.close();
  await server?.drop();
});

function tracked(name: string): TrackedTable {
  const found = model.sources.get('default')?.tables.get(qualifiedKey(inSchema(name)));
  if (found === undefined) throw new Error(`${name} is not tracked`);
  return found;
}

test('everything fits', () => {
  expect(model.inconsistencies).toEqual([]);
});

test('relationships, computed fields, enums and functions are resolved', () => {
  const employee = tracked('employee');
  expect(employee.relationships.get('manager')).toMatchObject({
    isNullable: true,
    constraint: 'employee_manager_id_fkey',
  });
  expect(tracked('manager').relationships.get('employees')?.target).toEqual({
    source: employee.source,
    schema: employee.schema,
    name: employee.name,
  });
  expect(employee.computedFields.get('yearly_salary')?.returns).toMatchObject({ type: { name: 'int4' } });
  const colleagues = employee.computedFields.get('colleagues');
  expect(colleagues?.returns).toEqual({
    kind: 'rows',
    table: { source: 'default', schema: 'public', name: 'employee' },
  });
  expect(colleagues?.arguments).toMatchObject([{ name: 'note' }]);
  expect(employee.columns.get('mood')?.enumReference).toMatchObject({
    typeName: 'mood_enum',
    values: [{ value: 'happy', comment: 'smiles' }, { value: 'sad' }],
  });
  expect(employee.columns.get('upper_name')?.isInsertable).toBe(false);
  expect(tracked('staff').primaryKey).toBeNull();
  const [fn] = model.sources.get('default')?.functions.values() ?? [];
  expect(fn).toMatchObject({ exposedAs: 'query', sessionArgument: 1, returns: employee });
});

test('the inherited role has the rows of both parents and the cells of whoever shows the row', () => {
  const rule = model.rulesOf('manager_employee', tracked('employee')).select;
  const visibleWhen = (column: string) => {
    const condition = rule?.columns.get(column)?.visibleWhen;
    return condition && printExpression(condition);
  };
  expect(visibleWhen('name')).toBeNull();
  expect(visibleWhen('salary')).toBe('id eq $x-hasura-user-id::integer');
  expect(visibleWhen('remarks')).toBe(
    "(manager_id eq $x-hasura-manager-id::integer and mood eq 'happy'::text)",
  );
  expect(rule?.allowsAggregations).toBe(true);
  const computed = rule?.computedFields.get('yearly_salary')?.visibleWhen;
  expect(computed && printExpression(computed)).toBe('id eq $x-hasura-user-id::integer');
});

describe('encoded values', () => {
  function typeNamed(name: string): PgType {
    for (const type of catalog.types.values()) if (type.name === name) return type;
    throw new Error(`no type ${name}`);
  }

  async function roundTrip(text: string, cast: string): Promise<unknown> {
    const query = { text: `select to_json(($1)::${cast})::text as value`, parameters: [text] };
    const [row] = await database.queryRows(query);
    return JSON.parse(row?.['value'] ?? 'null');
  }

  /** What PostgreSQL's text can hold: no NUL. */
  const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((each) => !each.includes('\0'));
  const awkward = fc.oneof(
    text,
    fc.constantFrom('', 'NULL', 'null', '{', '}', '"', '\\', ',', ' a ', "'", '{a,b}'),
  );

  test('arrays of any text arrive as they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(awkward), { maxLength: 4 }), async (values) => {
        expect(await roundTrip(encodeList(values, typeNamed('text'), Path.root), 'text[]')).toEqual(values);
      }),
      { numRuns: 100 },
    );
  });

  test('JSON arrives as it was', async () => {
    const json = fc
      .jsonValue({ noUnicodeString: true, maxDepth: 2 })
      .filter((value) => !JSON.stringify(value).includes('\\u0000'));
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        if (value === null) return;
        const encoded = encodeValue(value as Json, { ...typeNamed('text'), name: 'jsonb' }, Path.root);
        expect(await roundTrip(encoded, 'jsonb')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 50 },
    );
  });

  test('integers arrive as they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (value) => {
        expect(await roundTrip(encodeValue(value, typeNamed('int4'), Path.root), 'integer')).toBe(value);
      }),
      { numRuns: 30 },
    );
  });
});
