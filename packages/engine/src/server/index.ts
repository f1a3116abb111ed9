/**
 * The front doors. In: HTTP requests, WebSockets, or web standard `Request`s. Out: answers as Hasura gives them: statuses, headers, error
 * shapes, logs. Promise: no input ends the process; what cannot be read gets an answer that says so; every body, queue and wait has a bound.
 * Start reading at `serve.ts`, `routes.ts` (the table) and `answer.ts` (the life of a request).
 * Source: spec/server.md, spec/graphql-api.md 13 and 14.
 */

export type { Peers } from '../runtime/index.ts';
export type { FinalResponse } from './answer.ts';
export {
  completeConfiguration,
  parseServeConfiguration,
  type ServeConfiguration,
  type Setting,
  type Settings,
  StartError,
  settings,
} from './configuration/index.ts';
export type { ServerContext } from './context.ts';
export { fetchAdapter } from './fetch-adapter.ts';
export { Logger } from './log/logger.ts';
export { closeContext, openContext } from './open-context.ts';
export { createRouter } from './routes.ts';
export { type RunningServer, type ServeOptions, serve } from './serve.ts';
