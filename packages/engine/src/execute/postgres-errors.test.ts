import { describe, expect, test } from 'vitest';
import { DatabaseConnectionError, DatabaseError } from '../database/index.ts';
import { Path } from '../support/index.ts';
import { translateDatabaseError } from './postgres-errors.ts';

const query = { text: 'select $1, $2', parameters: ['1', null] };

function translated(sqlState: string, path?: Path) {
  return translateDatabaseError(new DatabaseError({ sqlState, message: 'the text' }), query, path);
}

describe('SQLSTATE → error (spec/graphql-api.md 13.5)', () => {
  test.each([
    ['23001', 'constraint-violation', 'Can not delete or update due to data being referred. the text', 400],
    ['23502', 'constraint-violation', 'Not-NULL violation. the text', 400],
    ['23503', 'constraint-violation', 'Foreign key violation. the text', 400],
    ['23505', 'constraint-violation', 'Uniqueness violation. the text', 400],
    ['23514', 'permission-error', 'Check constraint violation. the text', 400],
    ['23P01', 'constraint-violation', 'Exclusion violation. the text', 400],
    ['23000', 'constraint-violation', 'the text', 400],
    ['22025', 'bad-request', 'the text', 400],
    ['22P02', 'data-exception', 'the text', 400],
    ['2201X', 'data-exception', 'the text', 400],
    ['42704', 'constraint-error', 'the text', 400],
    ['42P10', 'constraint-error', 'there is no unique or exclusion constraint on target column(s)', 400],
    ['40001', 'unexpected', 'database query error', 500],
    ['42883', 'unexpected', 'database query error', 500],
    ['P0001', 'unexpected', 'database query error', 500],
  ])('%s', (state, code, message, status) => {
    expect(translated(state)).toMatchObject({ code, message, status });
  });

  test('the path of an insert; nothing of the statement where the fault is the request’s', () => {
    const path = Path.root.child('selectionSet', 'insert_author', 'args', 'objects');
    const error = translated('23505', path) as { path: Path; internal: unknown };
    expect(error.path.toString()).toBe('$.selectionSet.insert_author.args.objects');
    expect(error.internal).toBeUndefined();
  });

  test('what only insiders see of an unexpected refusal', () => {
    expect((translated('42883') as { internal: unknown }).internal).toEqual({
      statement: 'select $1, $2',
      prepared: true,
      arguments: ['(Oid 0,Just ("1",Text))', '(Oid 0,Nothing)'],
      error: {
        exec_status: 'FatalError',
        status_code: '42883',
        message: 'the text',
        description: null,
        hint: null,
      },
    });
  });

  test('no connection, and no room for one', () => {
    expect(translateDatabaseError(new DatabaseConnectionError('refused'), query)).toMatchObject({
      code: 'postgres-error',
      message: 'connection error',
      status: 500,
      internal: 'refused',
    });
    expect(
      translateDatabaseError(new DatabaseConnectionError('full', { sqlState: '53300' }), query),
    ).toMatchObject({
      code: 'postgres-max-connections-error',
      message: 'max connections reached on postgres',
    });
  });

  test('what is not of the database stays as it is', () => {
    const error = new TypeError('x');
    expect(translateDatabaseError(error, query)).toBe(error);
  });
});
