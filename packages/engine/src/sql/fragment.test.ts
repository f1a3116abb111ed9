import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { int4, pgType, text } from '../../test/support/plans.ts';
import { InvariantError } from '../support/index.ts';
import { finish, finishInline, identifier, integer, literal, parameter, sql, typeName } from './fragment.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

/** Text that tries to get out of its quotes. */
const hostile = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      ';',
      '-',
      ' ',
      '/',
      '*',
      '\n',
      'a',
      'ü',
      '😀',
      '$1',
      '::',
      '--',
      "E'",
    ),
    maxLength: 12,
  }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', "'; drop table t; --", "\\'; select 1; --", '$1', '"', '{}', 'select'),
);
const storable = hostile.filter((value) => !value.includes('\0') && Buffer.from(value).toString() === value);

describe('what users can name or say never becomes SQL', () => {
  test('names: any column name comes back as it is', async () => {
    const name = storable.filter((value) => value !== '' && Buffer.byteLength(value) <= 63);
    await fc.assert(
      fc.asyncProperty(name, async (column) => {
        const { text: statement } = finish(
          sql`select row_to_json(t.*)::text as json from (select 1 as ${identifier(column)}) as t`,
        );
        const [row] = await db.sql(statement);
        expect(Object.keys(JSON.parse(String(row?.['json'])))).toEqual([column]);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['on', 'off'])(
    'literals: any text is itself, with standard_conforming_strings %s',
    async (setting) => {
      await fc.assert(
        fc.asyncProperty(storable, async (value) => {
          const { text: statement } = finish(sql`select ${literal(value)}::text as value`);
          const script = `set standard_conforming_strings = ${setting}; ${statement}`;
          expect(await db.sql(script)).toEqual([{ value }]);
        }),
        { numRuns: 200 },
      );
    },
  );

  test('values: explain writes any text as itself', async () => {
    await fc.assert(
      fc.asyncProperty(storable, async (value) => {
        const fragment = sql`select ${parameter({ kind: 'session', variable: 'x' }, typeName(text))} as value`;
        expect(await db.sql(finishInline(fragment, () => value))).toEqual([{ value }]);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['', 'a\0b', 'x'.repeat(64), 'ü'.repeat(32)])(
    'a name that PostgreSQL would change is refused',
    (name) => {
      expect(() => identifier(name)).toThrow(InvariantError);
    },
  );

  test.each([-1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1])('%d is no natural number', (value) => {
    expect(() => integer(value)).toThrow(InvariantError);
  });

  test('nothing but a fragment passes for one', () => {
    // what the compiler refuses does not work at run time either
    const forged = { text: '; drop table t', parameters: [] } as unknown as ReturnType<typeof identifier>;
    expect(() => finish(sql`select ${forged}`)).toThrow();
    expect(() => finish(sql`select ${'1' as unknown as ReturnType<typeof identifier>}`)).toThrow();
  });
});

describe('parameters', () => {
  const encode = () => 'x';
  const number = (source: Parameters<typeof parameter>[0], type = int4) => parameter(source, typeName(type));

  test('equal sources of one type share a number, others do not', () => {
    const session = { kind: 'session' as const, variable: 'x-hasura-user-id' };
    const { text: statement, parameters } = finish(
      sql`${number(session)} ${number({ ...session })} ${number(session, text)} ${number({ kind: 'literal', text: '1' })} ${number({ kind: 'literal', text: '1' })} ${number({ kind: 'literal', text: null })} ${number({ kind: 'literal', text: 'null' })} ${number({ kind: 'session-object' })}`,
    );
    expect(statement).toBe(
      '($1)::integer ($1)::integer ($2)::text ($3)::integer ($3)::integer ($4)::integer ($5)::integer ($6)::integer',
    );
    expect(parameters.map((source) => source.kind)).toEqual([
      'session',
      'session',
      'literal',
      'literal',
      'literal',
      'session-object',
    ]);
  });

  test('a variable shares a number only with equal encodings', () => {
    const variable = { kind: 'variable' as const, name: 'n', encode };
    const { text: statement } = finish(
      sql`${number(variable)} ${number({ ...variable })} ${number({ ...variable, encode: () => 'y' })} ${number({ ...variable, name: 'm' })}`,
    );
    expect(statement).toBe('($1)::integer ($1)::integer ($2)::integer ($3)::integer');
  });

  test('a session variable cannot pass for a literal of the same spelling', () => {
    const { parameters } = finish(
      sql`${number({ kind: 'session', variable: 'a' })} ${number({ kind: 'literal', text: 'session a' })} ${number({ kind: 'literal', text: 'session-object' })} ${number({ kind: 'session-object' })}`,
    );
    expect(parameters.length).toBe(4);
  });
});

describe('types', () => {
  test('built-in ones have their own names, others are qualified', () => {
    expect(finish(typeName(pgType('timestamptz', 'timestamp with time zone'))).text).toBe(
      'timestamp with time zone',
    );
    expect(finish(typeName(pgType('char', '"char"'))).text).toBe('"char"');
    expect(finish(typeName(pgType('my"mood', 'x', 'app'))).text).toBe('"app"."my""mood"');
  });

  test('a built-in name that is none is refused', () => {
    expect(() => typeName(pgType('int4', 'integer); drop table t; --'))).toThrow(InvariantError);
  });
});
