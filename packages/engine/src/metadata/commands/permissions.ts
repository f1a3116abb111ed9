import type { QualifiedName } from '../../catalog/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import { type Codec, nonEmptyText, object, oneOf, optional, required, text } from '../codec/index.ts';
import { append, requireTable, updateTable, withOptional } from '../edit.ts';
import { displayName } from '../names.ts';
import type { PermissionOperation } from '../object-id.ts';
import {
  deletePermission,
  insertPermission,
  permissionEntry,
  selectPermission,
  severalRules,
  updatePermission,
} from '../shapes/permission.ts';
import type { Metadata, PermissionMetadata } from '../types.ts';
import { source, table } from './arguments.ts';
import {
  type CommandDefinition,
  outcome,
  outcomeOfDrop,
  outcomeWithoutCheck,
  sourceCommand,
} from './command.ts';
import { dropObject } from './drop.ts';
import { requireUsableTable } from './require-usable.ts';

const operations = ['insert', 'select', 'update', 'delete'] as const;

const entries: Readonly<Record<PermissionOperation, Codec<PermissionMetadata<unknown>>>> = {
  insert: permissionEntry(severalRules(insertPermission)),
  select: permissionEntry(severalRules(selectPermission)),
  update: permissionEntry(severalRules(updatePermission)),
  delete: permissionEntry(severalRules(deletePermission)),
};

interface PermissionPlace {
  readonly source: string;
  readonly table: QualifiedName;
  readonly role: string;
}

function isDefined(
  metadata: Metadata,
  operation: PermissionOperation,
  place: PermissionPlace,
  path: Path,
): boolean {
  const found = requireTable(metadata, place.source, place.table, path.child('table'));
  const list: readonly { readonly role: string }[] = found[`${operation}_permissions`] ?? [];
  return list.some(({ role }) => role === place.role);
}

const placeFields = object('WithTable', { source, table });

function create(operation: PermissionOperation): CommandDefinition {
  const list = `${operation}_permissions` as const;
  return sourceCommand(
    {
      name: `create_${operation}_permission`,
      args: {
        decode: (value, place) => ({
          ...placeFields.decode(value, place),
          entry: entries[operation].decode(value, place),
        }),
      },
    },
    (args, metadata, context) => {
      const { path } = context;
      const at = { source: args.source, table: args.table, role: args.entry.role };
      requireUsableTable(metadata, at, path.child('table'), context);
      if (isDefined(metadata, operation, at, path) || at.role === 'admin') {
        throw new RequestError(
          'already-exists',
          path,
          `${operation} permission already defined on table "${displayName(at.table)}" with role "${at.role}"`,
        );
      }
      const next = updateTable(metadata, at.source, at.table, (found) => ({
        ...found,
        [list]: append<PermissionMetadata<unknown>>(found[list], args.entry),
      }));
      return outcome(next, { kind: 'permission', ...at, operation });
    },
  );
}

const dropFields = object('DropPerm', { source, table, role: required(nonEmptyText) });

function drop(operation: PermissionOperation): CommandDefinition {
  return sourceCommand(
    { name: `drop_${operation}_permission`, args: dropFields },
    (args, metadata, context) => {
      if (!isDefined(metadata, operation, args, context.path)) {
        throw new RequestError(
          'permission-denied',
          context.path,
          `${operation} permission on "${displayName(args.table)}" for role "${args.role}" does not exist`,
        );
      }
      return outcomeOfDrop(dropObject(metadata, { kind: 'permission', ...args, operation }, false, context));
    },
  );
}

const commentFields = object('SetPermComment', {
  source,
  table,
  role: required(nonEmptyText),
  comment: optional(text),
});

/** The operation's key is `permission`; the documentation calls it `type`. Source: spec/permissions.md 9.1. */
const commentOperation = object('SetPermComment', { permission: required(oneOf('permission', operations)) });
const documentedOperation = object('SetPermComment', { type: required(oneOf('type', operations)) });

const setComment = sourceCommand(
  {
    name: 'set_permission_comment',
    args: {
      decode(value, place) {
        const isDocumented =
          typeof value === 'object' && value !== null && !('permission' in value) && 'type' in value;
        return {
          ...commentFields.decode(value, place),
          operation: isDocumented
            ? documentedOperation.decode(value, place).type
            : commentOperation.decode(value, place).permission,
        };
      },
    },
  },
  (args, metadata, { path }) => {
    const { operation } = args;
    if (!isDefined(metadata, operation, args, path)) {
      throw new RequestError(
        'permission-denied',
        path,
        `'${operation}' permission on "${displayName(args.table)}" for role "${args.role}" does not exist`,
      );
    }
    const list = `${operation}_permissions` as const;
    const next = updateTable(metadata, args.source, args.table, (found) => ({
      ...found,
      [list]: ((found[list] ?? []) as readonly PermissionMetadata<unknown>[]).map((entry) =>
        entry.role === args.role ? withOptional(entry, 'comment', args.comment) : entry,
      ),
    }));
    return outcomeWithoutCheck(next);
  },
);

export const permissionCommands = [...operations.map(create), ...operations.map(drop), setComment];
