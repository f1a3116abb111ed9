import { createEngine, type Engine, type Json } from '@postern/engine';
import { parseServeConfiguration, type ServeConfiguration } from '@postern/engine/server';
import postgres from 'postgres';
import { UserError } from '../command.ts';
import { readMigrations, readSeeds } from '../project/index.ts';
import type { DatabaseServer, ThrowawayDatabase } from './database-server.ts';
import { isMapping, type Sql } from './test-file.ts';

/** Each source's name with a database of its own. */
export type SourceDatabases = ReadonlyMap<string, ThrowawayDatabase>;

/** An engine that serves the project on databases of its own. */
export type TestBed = {
  readonly engine: Engine;
  readonly databases: SourceDatabases;
  close(): Promise<void>;
};

export type ProjectSetup = {
  readonly projectFolder: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly server: DatabaseServer;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The role of requests without the admin secret; null: they are refused. */
  readonly unauthorizedRole: string | null;
};

export const ADMIN_SECRET = 'permission-tests';

/** What would lead the engine to the project's own databases, or to other ways to sign in. */
const FOREIGN_SETTING = /DATABASE|_PG_|JWT|AUTH_HOOK|ADMIN_SECRET|ACCESS_KEY/;

/** Makes the databases from which those of all tests are copied: the project's migrations and seeds, for each source. */
export async function makeTemplates({
  projectFolder,
  metadata,
  server,
}: ProjectSetup): Promise<SourceDatabases> {
  const templates = new Map<string, ThrowawayDatabase>();
  for (const source of sourceNames(metadata)) {
    const database = await server.create();
    templates.set(source, database);
    const steps = [
      ...readMigrations(projectFolder, source).map(({ version, name, up }) => ({
        what: `${version}_${name}`,
        text: up,
      })),
      ...readSeeds(projectFolder, source).map((text) => ({ what: 'the seeds', text })),
    ];
    for (const { what, text } of steps) await runSql(database, text, `${source}: ${what}`);
  }
  return templates;
}

/** Copies of databases, with SQL run in them. */
export async function copyDatabases(
  templates: SourceDatabases,
  fixtures: readonly Sql[],
  server: DatabaseServer,
): Promise<SourceDatabases> {
  const copies = new Map<string, ThrowawayDatabase>();
  for (const [source, template] of templates) copies.set(source, await server.create(template));
  for (const { source, text } of fixtures) {
    const database = copies.get(source);
    if (database === undefined) throw new UserError(`fixtures: the project has no source "${source}"`);
    await runSql(database, text, 'fixtures');
  }
  return copies;
}

export async function dropDatabases(databases: SourceDatabases, server: DatabaseServer): Promise<void> {
  for (const database of databases.values()) await server.drop(database);
}

/**
 * Opens engines for the project, one after the other: all have the same metadata, which is stored once, and each its own databases, to which
 * the metadata refers by variables.
 */
export function bedMaker(setup: ProjectSetup): (databases: SourceDatabases) => Promise<TestBed> {
  const names = sourceNames(setup.metadata);
  const variableOf = (source: string): string => `POSTERN_TEST_SOURCE_${names.indexOf(source)}`;
  const configuration = engineConfiguration(setup);
  let metadataDatabase: ThrowawayDatabase | undefined;
  return async (databases) => {
    const isFirst = metadataDatabase === undefined;
    metadataDatabase ??= await setup.server.create();
    const urls = [...databases].map(([source, { url }]) => [variableOf(source), url]);
    const engine = await createEngine({
      ...configuration,
      databaseUrl: null,
      metadataDatabaseUrl: metadataDatabase.url,
      environment: { ...setup.environment, ...Object.fromEntries(urls) },
    });
    const close = async (): Promise<void> => {
      await engine.close({ deadlineMs: 2_000 });
      await dropDatabases(databases, setup.server);
    };
    try {
      if (isFirst) await applyMetadata(engine, withSourceVariables(setup.metadata, variableOf));
    } catch (error) {
      await close();
      throw error;
    }
    return { engine, databases, close };
  };
}

function engineConfiguration({ environment, unauthorizedRole }: ProjectSetup): ServeConfiguration {
  const kept = Object.entries(environment).filter(([name]) => !FOREIGN_SETTING.test(name));
  return parseServeConfiguration([], {
    ...Object.fromEntries(kept),
    HASURA_GRAPHQL_ADMIN_SECRET: ADMIN_SECRET,
    ...(unauthorizedRole === null ? {} : { HASURA_GRAPHQL_UNAUTHORIZED_ROLE: unauthorizedRole }),
  });
}

async function applyMetadata(engine: Engine, metadata: Record<string, unknown>): Promise<void> {
  try {
    await engine.metadata.run({ type: 'replace_metadata', args: metadata as Json } as Json);
  } catch (error) {
    const { message, internal } = error as { message: string; internal?: unknown };
    const details = internal === undefined ? '' : `\n${JSON.stringify(internal, null, 2)}`;
    throw new UserError(`The project's metadata does not fit its migrations: ${message}${details}`);
  }
}

/** Of each source, only the place of its database is replaced, so that isolation and the like stay as declared. */
function withSourceVariables(
  metadata: Readonly<Record<string, unknown>>,
  variableOf: (source: string) => string,
): Record<string, unknown> {
  const sources = sourcesOf(metadata).map((source) => {
    const configuration = isMapping(source['configuration']) ? source['configuration'] : {};
    const given = configuration['connection_info'];
    return {
      ...source,
      configuration: {
        ...configuration,
        connection_info: {
          ...(isMapping(given) ? given : {}),
          database_url: { from_env: variableOf(String(source['name'])) },
        },
        read_replicas: undefined,
      },
    };
  });
  // as JSON, i.e. without what is undefined
  return JSON.parse(JSON.stringify({ ...metadata, sources })) as Record<string, unknown>;
}

function sourceNames(metadata: Readonly<Record<string, unknown>>): string[] {
  return sourcesOf(metadata).map(({ name }) => String(name));
}

function sourcesOf(
  metadata: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  const sources = metadata['sources'];
  return Array.isArray(sources) ? sources.filter(isMapping) : [];
}

async function runSql({ url }: ThrowawayDatabase, text: string, what: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.begin((transaction) => transaction.unsafe(text));
  } catch (error) {
    throw new UserError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The rows of a statement, as JSON has them. */
export async function rowsOf({ url }: ThrowawayDatabase, text: string): Promise<readonly unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const statement = text.trim().replace(/;$/, '');
    const rows = await sql.unsafe(`select to_jsonb(r)::text as row from (${statement}\n) as r`);
    return rows.map(({ row }) => JSON.parse(row as string) as unknown);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
