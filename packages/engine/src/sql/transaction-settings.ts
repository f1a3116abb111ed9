import { finish, identifier, join, literal, sql } from './fragment.ts';

/**
 * Settings of the transaction as commands: `set local "hasura.user" = '{"x-hasura-role":"admin"}'`. Unlike a query, commands may stand before
 * `set transaction` (PostgreSQL manual, SET TRANSACTION); they take no parameters, hence the text.
 */
export function renderTransactionSettings(settings: ReadonlyMap<string, string>): string {
  const commands = [...settings].map(
    ([name, value]) => sql`set local ${identifier(name)} = ${literal(value)}`,
  );
  return finish(join(commands, sql`; `)).text;
}
