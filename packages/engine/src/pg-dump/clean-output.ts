/** Settings at the top of a dump; `check_function_bodies` stays, because functions may come before what they use. */
const preamble =
  /^(SET (statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout|client_encoding|standard_conforming_strings|xmloption|client_min_messages|row_security|default_tablespace|default_with_oids|default_table_access_method) = .*;|SELECT pg_catalog\.set_config\('search_path', '', false\);)$/;

const publicSchema: ReadonlySet<string> = new Set([
  'CREATE SCHEMA public;',
  "COMMENT ON SCHEMA public IS 'standard public schema';",
]);

/** Triggers that the engine itself has made; a project makes them again. */
const ownTrigger = /^CREATE TRIGGER "?notify_hasura_.+"? AFTER .*;$/;

/** A dump without what does not belong into a migration. Source: spec/server.md 1.6. */
export function cleanDump(dump: string): string {
  const lines = dump.split('\n').filter((line) => {
    const isEmpty = line.trim() === '' || line.startsWith('--');
    return !isEmpty && !preamble.test(line) && !publicSchema.has(line) && !ownTrigger.test(line);
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
