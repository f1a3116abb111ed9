import type { EngineClient } from '../engine-client/index.ts';

/** The definition of all that is in the schemas, as a migration. Source: spec/cli.md 4. */
export function dumpSchema(
  client: EngineClient,
  source: string,
  schemas: readonly string[],
): Promise<string> {
  const options = ['-O', '-x', '--schema-only', ...schemas.flatMap((schema) => ['--schema', quoted(schema)])];
  return client.dump(source, options);
}

/** Of everything but the engine's own schemas. */
export function dumpAll(client: EngineClient, source: string): Promise<string> {
  const own = ['hdb_catalog', 'hdb_views'].flatMap((schema) => ['--exclude-schema', schema]);
  return client.dump(source, ['-O', '-x', '--schema-only', ...own]);
}

/** pg_dump takes a pattern, in which capitals and signs count only within quotes. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
