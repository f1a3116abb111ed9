import {
  type DelegatedAnswer,
  type DelegatedExecutor,
  type DelegatedPlan,
  type DelegatedRequest,
  readDelegatedMembers,
} from '../execute/index.ts';
import type { Action } from '../model/index.ts';
import { InvariantError, type Json, type JsonObject } from '../support/index.ts';
import type { ActionLog } from './action-log.ts';
import { callHandler } from './call-handler.ts';
import { ActionFailure } from './failure.ts';
import { project } from './project.ts';
import type { HandlerServices } from './types.ts';

export interface ActionServices {
  readonly handler: HandlerServices;
  readonly log: ActionLog;
  /** An asynchronous call was stored. */
  readonly onCallStored: () => void;
}

/** Answers the root fields of actions. */
export function createActionExecutor(services: ActionServices): DelegatedExecutor {
  return {
    async execute(plan, request) {
      const { target, field } = plan;
      if (target.executor !== 'action') throw new InvariantError(`"${plan.name}" is no action`);
      const input = readDelegatedMembers(field.arguments, request.request.variables);
      switch (target.form) {
        case 'run':
          return run(target.action, input, plan, request, services);
        case 'start':
          return start(target.action, input, request, services);
        case 'result':
          return findResult(target.action, input, plan, request, services);
      }
    },
  };
}

async function run(
  action: Action,
  input: JsonObject,
  { field }: DelegatedPlan,
  { request, session, clientHeaders, signal, onResponseHeader }: DelegatedRequest,
  { handler }: ActionServices,
): Promise<DelegatedAnswer> {
  const call = {
    action,
    input,
    sessionVariables: session.variables,
    clientHeaders,
    query: request.query,
    signal,
  };
  try {
    const { value, cookies } = await callHandler(call, handler);
    if (action.kind === 'mutation') for (const cookie of cookies) onResponseHeader('Set-Cookie', cookie);
    return project(value, field.selection);
  } catch (error) {
    throw error instanceof ActionFailure ? error.toRequestError() : error;
  }
}

async function start(
  { name: action }: Action,
  input: JsonObject,
  { session, clientHeaders }: DelegatedRequest,
  { log, onCallStored }: ActionServices,
): Promise<DelegatedAnswer> {
  const id = await log.add({ action, input, clientHeaders, sessionVariables: session.variables });
  onCallStored();
  return { value: id, joins: [] };
}

/**
 * Only the session that started the call sees what became of it: all of its variables must be equal. To others there is no such call.
 * Source: spec/actions.md 9.3.
 */
async function findResult(
  { name }: Action,
  { id }: JsonObject,
  { field }: DelegatedPlan,
  { session }: DelegatedRequest,
  { log }: ActionServices,
): Promise<DelegatedAnswer> {
  const found = await log.find(String(id), name, session.isAdmin ? null : session.variables);
  if (found === null) return { value: null, joins: [] };
  const value: Json = {
    id: String(id).toLowerCase(),
    created_at: found.createdAt,
    errors: found.errors,
    output: found.response,
  };
  return { ...project(value, field.selection), isFinal: found.isFinal };
}
