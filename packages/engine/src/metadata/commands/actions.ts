import { type Path, RequestError } from '../../support/index.ts';
import { boolean, defaulted, nonEmptyText, object, optional, required, text } from '../codec/index.ts';
import { append, reject } from '../edit.ts';
import { graphqlName } from '../names.ts';
import { actionDefinition, customTypes } from '../shapes/top-level.ts';
import type { ActionMetadata, Metadata } from '../types.ts';
import { comment, name } from './arguments.ts';
import { globalCommand, outcome, outcomeOfDrop } from './command.ts';
import { checkTransforms } from './transforms.ts';

function findAction(metadata: Metadata, called: string): ActionMetadata | undefined {
  return metadata.actions?.find((action) => action.name === called);
}

function requireAction(metadata: Metadata, called: string, path: Path): ActionMetadata {
  const found = findAction(metadata, called);
  if (found !== undefined) return found;
  throw new RequestError('not-exists', path, `action with name "${called}" does not exist`);
}

function updateAction(
  metadata: Metadata,
  called: string,
  change: (action: ActionMetadata) => ActionMetadata,
): Metadata {
  return {
    ...metadata,
    actions: (metadata.actions ?? []).map((action) => (action.name === called ? change(action) : action)),
  };
}

const create = globalCommand(
  {
    name: 'create_action',
    args: object('CreateAction', {
      name: required(graphqlName),
      definition: required(actionDefinition),
      comment,
    }),
  },
  (action, metadata, { path }) => {
    if ((metadata.actions ?? []).some((other) => other.name === action.name)) {
      throw new RequestError('already-exists', path, `action with name "${action.name}" already exists`);
    }
    checkTransforms(action.definition, path);
    return outcome(
      { ...metadata, actions: append(metadata.actions, action) },
      { kind: 'other', type: 'action', name: action.name },
    );
  },
);

const update = globalCommand(
  {
    name: 'update_action',
    args: object('UpdateAction', {
      name: required(graphqlName),
      definition: required(actionDefinition),
      comment,
    }),
  },
  ({ name: called, ...given }, metadata, { path }) => {
    requireAction(metadata, called, path);
    checkTransforms(given.definition, path);
    const next = updateAction(metadata, called, ({ comment: _, ...kept }) => ({ ...kept, ...given }));
    return outcome(next, { kind: 'other', type: 'action', name: called });
  },
);

const drop = globalCommand(
  { name: 'drop_action', args: object('DropAction', { name, clear_data: defaulted(boolean, true) }) },
  ({ name: called, clear_data: clearsData }, metadata, { path }) => {
    requireAction(metadata, called, path);
    const dropped = outcomeOfDrop({
      ...metadata,
      actions: reject(metadata.actions, (action) => action.name === called),
    });
    return clearsData ? { ...dropped, forgetsCallsOf: called } : dropped;
  },
);

const permissionPlace = { action: required(nonEmptyText), role: required(nonEmptyText) };

const createPermission = globalCommand(
  {
    name: 'create_action_permission',
    args: object('CreateActionPermission', { ...permissionPlace, comment: optional(text) }),
  },
  ({ action: called, ...entry }, metadata, { path }) => {
    const action = requireAction(metadata, called, path);
    if ((action.permissions ?? []).some(({ role }) => role === entry.role)) {
      throw new RequestError(
        'already-exists',
        path,
        `permission for role "${entry.role}" is already defined on "${called}"`,
      );
    }
    const next = updateAction(metadata, called, (item) => ({
      ...item,
      permissions: append(item.permissions, entry),
    }));
    return outcome(next, {
      kind: 'other',
      type: 'action_permission',
      name: `${entry.role} permission in ${called}`,
    });
  },
);

const dropPermission = globalCommand(
  { name: 'drop_action_permission', args: object('DropActionPermission', permissionPlace) },
  ({ action: called, role }, metadata, { path }) => {
    const action = findAction(metadata, called);
    if (!(action?.permissions ?? []).some((entry) => entry.role === role)) {
      throw new RequestError(
        'not-exists',
        path,
        `permission for role: "${role}" is not defined on "${called}"`,
      );
    }
    const next = updateAction(metadata, called, (item) => ({
      ...item,
      permissions: reject(item.permissions, (entry) => entry.role === role),
    }));
    return outcome(next, {
      kind: 'other',
      type: 'action_permission',
      name: `${role} permission in ${called}`,
    });
  },
);

const setCustomTypes = globalCommand({ name: 'set_custom_types', args: customTypes }, (types, metadata) =>
  outcome(
    { ...metadata, custom_types: types },
    { kind: 'other', type: 'custom_types', name: 'custom_types' },
  ),
);

export const actionCommands = [create, update, drop, createPermission, dropPermission, setCustomTypes];
