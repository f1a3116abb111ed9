import {
  isList,
  isMapping,
  type Mapping,
  mappingOf,
  NumberText,
  readJson,
  type Value,
} from '../document/index.ts';
import { changeSetting, isMigrationMode, readState } from '../engine-client/index.ts';
import { exportProject } from '../metadata-commands/index.ts';
import { forgetSquashed, migrationStatus, squashedBefore, squashMigrations } from '../migrations/index.ts';
import { fetchMetadata, type Session, type Source, sourcesOf } from '../session/index.ts';
import { ApiError } from './api-error.ts';
import { changeMetadata, migrate } from './change-project.ts';
import { badRequest, commandsIn, parseMigrationRequest, textOr } from './migration-request.ts';

export type ApiCall = {
  readonly session: Session;
  readonly parameters: URLSearchParams;
  /** Null when there is none. */
  readonly body: Value;
};

export type ApiRoute = (call: ApiCall) => Promise<Value>;

/** Method and path → what answers. Source: spec/cli.md 5.6. */
export const apiRoutes: Readonly<Record<string, ApiRoute>> = {
  async 'GET /apis/migrate'({ session, parameters }) {
    const source = await sourceNamed(session, parameters.get('datasource') ?? 'default');
    const status = await migrationStatus(session, source);
    return mappingOf([
      ['migrations', status.map(({ version }) => new NumberText(version))],
      [
        'status',
        new Map(
          status.map(({ version, isApplied, isInProject }) => [
            version,
            mappingOf([
              ['database_status', isApplied],
              ['source_status', isInProject],
            ]),
          ]),
        ),
      ],
    ]);
  },
  async 'POST /apis/migrate'({ session, body }) {
    const request = parseMigrationRequest(body);
    await sourceNamed(session, request.database);
    return mappingOf([['name', await migrate(session, request)]]);
  },
  async 'GET /apis/migrate/settings'({ session }) {
    return mappingOf([['migration_mode', String(isMigrationMode(await readState(session.client)))]]);
  },
  async 'PUT /apis/migrate/settings'({ session, body }) {
    const [name, value] = isMapping(body) ? [body.get('name'), body.get('value')] : [];
    if (typeof name !== 'string' || (typeof value !== 'string' && typeof value !== 'boolean'))
      throw badRequest('"name" and "value" are expected');
    await changeSetting(session.client, name, String(value));
    return said('Successfuly set');
  },
  async 'POST /apis/migrate/squash/create'({ session, body }) {
    const request = isMapping(body) ? body : new Map<string, Value>();
    const source = await sourceNamed(session, textOr(request, 'datasource', 'default'));
    const squashed = await squashMigrations(session, source, {
      from: versionIn(request.get('from')),
      to: request.has('to') ? versionIn(request.get('to')) : null,
      name: textOr(request, 'name', 'default_squash'),
    });
    return mappingOf([
      ['version', new NumberText(squashed.versions.at(-1) ?? '0')],
      ['squashed_migrations', squashed.versions.map((version) => new NumberText(version))],
    ]);
  },
  async 'POST /apis/migrate/squash/delete'({ session, body }) {
    const request = isMapping(body) ? body : new Map<string, Value>();
    const source = await sourceNamed(session, textOr(request, 'datasource', 'default'));
    const list = request.get('migrations');
    if (!isList(list) || list.length < 2)
      throw badRequest('"migrations" must be the list of those that were squashed');
    await forgetSquashed(session, source, await squashedBefore(session, source, list.map(versionIn)));
    return said('Migrations deleted');
  },
  async 'GET /apis/metadata'({ session, parameters }) {
    if (parameters.get('export') === 'true') await exportProject(session);
    else await fetchMetadata(session);
    return mappingOf([['metadata', 'Success']]);
  },
  async 'POST /apis/metadata'({ session, body }) {
    if (!isMapping(body)) throw badRequest('a mapping is expected');
    const isList = body.has('up');
    const answers = await changeMetadata(
      session,
      commandsIn(isList ? body : mappingOf([['up', [body]]]), 'up'),
    );
    return isList ? said('Success') : answers;
  },
};

/** @throws ApiError when the engine has no such database */
async function sourceNamed(session: Session, name: string): Promise<Source> {
  const sources = sourcesOf(await fetchMetadata(session));
  const source = sources.find((each) => each.name === name);
  if (source !== undefined) return source;
  throw new ApiError(400, 'data_api_error', `database '${name}' is not connected to the engine`);
}

function versionIn(value: Value | undefined): string {
  const text = value instanceof NumberText ? value.text : value;
  if (typeof text === 'string' && /^[0-9]+$/.test(text)) return text;
  throw badRequest('a version is a number');
}

function said(message: string): Mapping {
  return mappingOf([['message', message]]);
}

/** @throws ApiError when it is no JSON */
export function parseBody(text: string): Value {
  if (text.trim() === '') return null;
  try {
    return readJson(text);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}
