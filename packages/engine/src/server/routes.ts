import type { ServeConfiguration } from './configuration/index.ts';
import { answerCacheClear } from './endpoints/cache.ts';
import { answerConfig } from './endpoints/config.ts';
import { answerConsole, redirectToConsole } from './endpoints/console.ts';
import {
  answerEkg,
  answerPlanCache,
  answerSubscriptions,
  answerSubscriptionsExtended,
} from './endpoints/developer.ts';
import { answerExplain } from './endpoints/explain.ts';
import { answerGraphql, answerRelay, refusePersistedQuery } from './endpoints/graphql.ts';
import { answerHealth, answerSourceHealth } from './endpoints/health.ts';
import { answerMetadata, answerV1Query, answerV2Query } from './endpoints/metadata.ts';
import { answerMetrics } from './endpoints/metrics.ts';
import { answerPermissionCheck, answerPermissionExplain } from './endpoints/permissions.ts';
import { answerPgDump } from './endpoints/pg-dump.ts';
import { answerOpenapi, answerRest, restPrefix } from './endpoints/rest.ts';
import { answerVersion } from './endpoints/version.ts';
import type { Route } from './route.ts';

/** Source: spec/server.md 1.1, spec/authentication.md 4. */
export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/graphql',
    api: 'graphql',
    access: 'graphql',
    errors: 'graphql-200',
    handler: answerGraphql,
  },
  {
    method: 'GET',
    path: '/v1/graphql',
    api: 'graphql',
    access: 'session',
    errors: 'graphql-200',
    handler: refusePersistedQuery,
  },
  {
    method: 'POST',
    path: '/v1alpha1/graphql',
    api: 'graphql',
    access: 'graphql',
    errors: 'graphql',
    handler: answerGraphql,
  },
  {
    method: 'POST',
    path: '/v1beta1/relay',
    api: 'graphql',
    access: 'graphql',
    errors: 'graphql-200',
    handler: answerRelay,
  },
  {
    method: 'POST',
    path: '/v1/graphql/explain',
    api: 'metadata',
    access: 'admin',
    errors: 'flat',
    handler: answerExplain,
  },
  {
    method: 'POST',
    path: '/v1alpha1/graphql/explain',
    api: 'metadata',
    access: 'admin',
    errors: 'flat',
    handler: answerExplain,
  },
  {
    method: 'POST',
    path: '/v1/permissions/explain',
    api: 'metadata',
    access: 'admin',
    errors: 'flat',
    handler: answerPermissionExplain,
  },
  {
    method: 'POST',
    path: '/v1/permissions/check',
    api: 'graphql',
    access: 'session',
    errors: 'flat',
    handler: answerPermissionCheck,
  },
  {
    method: 'POST',
    path: '/v1/metadata',
    api: 'metadata',
    access: 'session',
    errors: 'flat',
    handler: answerMetadata,
  },
  {
    method: 'POST',
    path: '/v1/query',
    api: 'metadata',
    access: 'session',
    errors: 'flat',
    handler: answerV1Query,
  },
  {
    method: 'POST',
    path: '/v2/query',
    api: 'metadata',
    access: 'session',
    errors: 'flat',
    handler: answerV2Query,
  },
  {
    method: 'GET',
    path: '/v1alpha1/config',
    api: 'config',
    access: 'admin',
    errors: 'flat',
    handler: answerConfig,
  },
  {
    method: 'any',
    path: `${restPrefix}*`,
    api: null,
    access: 'session',
    errors: 'flat',
    handler: answerRest,
  },
  {
    method: 'GET',
    path: '/api/swagger/json',
    api: null,
    access: 'admin',
    errors: 'flat',
    handler: answerOpenapi,
  },
  {
    method: 'POST',
    path: '/pro/cache/clear',
    api: 'graphql',
    access: 'admin',
    errors: 'flat',
    handler: answerCacheClear,
  },
  {
    method: 'POST',
    path: '/v1alpha1/pg_dump',
    api: 'pgdump',
    access: 'admin',
    errors: 'flat',
    handler: answerPgDump,
  },
  {
    method: 'GET',
    path: '/healthz',
    api: null,
    access: 'public',
    errors: 'flat',
    handler: answerHealth,
    isLogged: true,
  },
  {
    method: 'GET',
    path: '/hasura/healthz',
    api: null,
    access: 'public',
    errors: 'flat',
    handler: answerHealth,
    isLogged: true,
  },
  {
    method: 'GET',
    path: '/healthz/sources',
    api: null,
    access: 'admin',
    errors: 'flat',
    handler: answerSourceHealth,
  },
  {
    method: 'GET',
    path: '/v1/version',
    api: null,
    access: 'public',
    errors: 'flat',
    handler: answerVersion,
    isLogged: true,
  },
  {
    method: 'GET',
    path: '/v1/metrics',
    api: 'metrics',
    access: 'public',
    errors: 'flat',
    handler: answerMetrics,
    isLogged: false,
  },
  {
    method: 'GET',
    path: '/',
    api: 'metadata',
    access: 'public',
    errors: 'flat',
    handler: redirectToConsole,
    isLogged: false,
  },
  {
    method: 'GET',
    path: '/console',
    api: 'metadata',
    access: 'public',
    errors: 'flat',
    handler: answerConsole,
    isLogged: false,
  },
  {
    method: 'GET',
    path: '/console/*',
    api: 'metadata',
    access: 'public',
    errors: 'flat',
    handler: answerConsole,
    isLogged: false,
  },
  { method: 'GET', path: '/dev/ekg', api: 'developer', access: 'admin', errors: 'flat', handler: answerEkg },
  {
    method: 'GET',
    path: '/dev/plan_cache',
    api: 'developer',
    access: 'admin',
    errors: 'flat',
    handler: answerPlanCache,
  },
  {
    method: 'GET',
    path: '/dev/subscriptions',
    api: 'developer',
    access: 'admin',
    errors: 'flat',
    handler: answerSubscriptions,
  },
  {
    method: 'GET',
    path: '/dev/subscriptions/extended',
    api: 'developer',
    access: 'admin',
    errors: 'flat',
    handler: answerSubscriptionsExtended,
  },
];

/** Finds the route of a request; null: there is none. Slashes that stand for nothing, as in `//v1/graphql/`, are overlooked. */
export type Router = (method: string, path: string) => FoundRoute | null;

export interface FoundRoute {
  readonly route: Route;
  /** As the route's handler expects it. */
  readonly path: string;
}

export function createRouter(configuration: ServeConfiguration): Router {
  const exact = new Map<string, FoundRoute>();
  const below: { prefix: string; method: string; route: Route }[] = [];
  for (const route of routes) {
    if (route.api !== null && !configuration.enabledApis.has(route.api)) continue;
    if (route.path.endsWith('/*'))
      below.push({ prefix: route.path.slice(0, -1), method: route.method, route });
    else exact.set(`${route.method} ${route.path}`, { route, path: route.path });
  }
  const find: Router = (method, path) => {
    const route = exact.get(`${method} ${path}`);
    if (route !== undefined) return route;
    const isServed = (entry: (typeof below)[number]) => entry.method === method || entry.method === 'any';
    const prefixed = below.find((entry) => isServed(entry) && path.startsWith(entry.prefix));
    return prefixed === undefined ? null : { route: prefixed.route, path };
  };
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = find(wanted, path);
    return found !== null || !/\/\/|.\/$/.test(path) ? found : find(wanted, withoutEmptySegments(path));
  };
}

function withoutEmptySegments(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}
