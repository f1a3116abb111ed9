/**
 * Fields that a handler somewhere else answers. In: a planned field of an action. Out: the handler's answer, checked against the action's type and cut to
 * what was selected; of asynchronous actions an id, and by the id what became of the call. Promises that no call is made twice, and that what became of a
 * call is shown to nobody but the session that asked for it. Source: spec/actions.md 7-9.
 */
export { ActionLog } from './action-log.ts';
export { AsyncActionWorker } from './async-worker.ts';
export { type ActionServices, createActionExecutor } from './executor.ts';
export type { HandlerLog, HandlerServices } from './types.ts';
