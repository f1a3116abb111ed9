/**
 * What fields, input values and enum values mean to `plan/`, so that one walk validates and plans. What a role may touch is in them as `permissions/` has
 * granted it.
 */
import type { PgType, QualifiedName } from '../catalog/index.ts';
import type {
  Action,
  QueryRelationship,
  RemoteFieldRelationship,
  RemoteRowsRelationship,
  RemoteSchemaAccess,
  TableRemoteFieldRelationship,
  TableRemoteRelationship,
  TrackedColumn,
  TrackedComputedField,
  TrackedFunction,
  TrackedNativeQuery,
  TrackedRelationship,
  TrackedTable,
} from '../model/index.ts';
import type {
  ColumnGrant,
  ComputedFieldGrant,
  DeleteRule,
  InsertRule,
  OperatorSpecification,
  SelectRule,
  UpdateRule,
} from '../permissions/index.ts';
import type { ObjectType } from './types.ts';

/** Select access to a table that `permissions/` has granted; nothing else gets a table into a plan. */
export interface SelectAccess {
  readonly table: TrackedTable;
  readonly rule: SelectRule;
}

export type FieldMeaning =
  // root fields
  | { readonly kind: 'namespace'; readonly source: string }
  | { readonly kind: 'placeholder'; readonly text: string }
  | { readonly kind: 'schema' }
  | { readonly kind: 'type' }
  | { readonly kind: 'select'; readonly access: SelectAccess }
  | { readonly kind: 'select-by-pk'; readonly access: SelectAccess }
  | { readonly kind: 'select-aggregate'; readonly access: SelectAccess }
  | { readonly kind: 'select-stream'; readonly access: SelectAccess }
  | { readonly kind: 'function'; readonly fn: TrackedFunction; readonly access: SelectAccess }
  | { readonly kind: 'function-aggregate'; readonly fn: TrackedFunction; readonly access: SelectAccess }
  | { readonly kind: 'native-query'; readonly query: TrackedNativeQuery; readonly access: SelectAccess }
  | { readonly kind: 'insert'; readonly isSingle: boolean; readonly target: InsertTarget }
  | { readonly kind: 'update'; readonly form: 'where' | 'by-pk' | 'many'; readonly target: UpdateTarget }
  | { readonly kind: 'delete'; readonly form: 'where' | 'by-pk'; readonly target: DeleteTarget }
  // fields of a table's object type
  | { readonly kind: 'column'; readonly grant: ColumnGrant; readonly hasPath: boolean }
  | { readonly kind: 'computed-scalar'; readonly grant: ComputedFieldGrant; readonly hasPath: boolean }
  | { readonly kind: 'computed-rows'; readonly field: TrackedComputedField; readonly access: SelectAccess }
  | {
      readonly kind: 'object-relationship';
      readonly relationship: TrackedRelationship;
      readonly access: SelectAccess;
    }
  | {
      readonly kind: 'array-relationship';
      readonly relationship: TrackedRelationship;
      readonly access: SelectAccess;
    }
  | {
      readonly kind: 'relationship-aggregate';
      readonly relationship: TrackedRelationship;
      readonly access: SelectAccess;
    }
  /** From a row to rows of a native query. */
  | {
      readonly kind: 'query-relationship';
      readonly relationship: QueryRelationship;
      readonly access: SelectAccess;
    }
  | {
      readonly kind: 'computed-rows-aggregate';
      readonly field: TrackedComputedField;
      readonly access: SelectAccess;
    }
  /** Rows of another source, or of any source below a delegated answer, that belong to values of this object. */
  | {
      readonly kind: 'remote-rows';
      readonly relationship: RemoteRowsRelationship | TableRemoteRelationship;
      readonly access: SelectAccess;
      readonly form: 'rows' | 'aggregate';
    }
  /** A field of a remote schema that takes arguments from values of this object. */
  | {
      readonly kind: 'remote-field';
      readonly relationship: RemoteFieldRelationship | TableRemoteFieldRelationship;
      readonly access: RemoteSchemaAccess;
    }
  // aggregates
  | { readonly kind: 'aggregate' }
  | { readonly kind: 'nodes' }
  | { readonly kind: 'count' }
  | { readonly kind: 'aggregate-function'; readonly function: string }
  | { readonly kind: 'aggregate-column'; readonly grant: ColumnGrant }
  | { readonly kind: 'aggregate-computed'; readonly grant: ComputedFieldGrant }
  // mutation responses
  | { readonly kind: 'affected-rows' }
  | { readonly kind: 'returning' }
  // Relay
  | { readonly kind: 'node'; readonly tables: NodeTables }
  | { readonly kind: 'connection'; readonly access: SelectAccess }
  | { readonly kind: 'function-connection'; readonly fn: TrackedFunction; readonly access: SelectAccess }
  | {
      readonly kind: 'relationship-connection';
      readonly relationship: TrackedRelationship;
      readonly access: SelectAccess;
    }
  | { readonly kind: 'edges' }
  | { readonly kind: 'edge-cursor' }
  | { readonly kind: 'edge-node'; readonly access: SelectAccess }
  | { readonly kind: 'page-info' }
  | { readonly kind: 'page-info-part'; readonly part: PageInfoPart }
  /** The global id of a row. */
  | { readonly kind: 'node-id'; readonly access: SelectAccess; readonly identity: NodeIdentity }
  /** A field of an interface; what it means depends on the concrete type. */
  | { readonly kind: 'interface-field' }
  // Apollo Federation
  | { readonly kind: 'federation-service' }
  | { readonly kind: 'federation-sdl' }
  | { readonly kind: 'entities'; readonly tables: readonly EntityTable[] }
  // introspection: resolved by schema/ itself
  | { readonly kind: 'introspection' }
  /** A root field that a service outside of the sources answers. */
  | { readonly kind: 'delegated'; readonly target: DelegatedTarget }
  /** A field of the types of such answers; `name` is what the service calls it. */
  | { readonly kind: 'delegated-field'; readonly name: string };

/** Who answers a delegated root field, and what it is to them. `executor` names the executor that `execute/` hands the field to. */
export type DelegatedTarget = ActionTarget | RemoteSchemaTarget | EntitiesTarget;

/** Rows of the sources by representations of them. */
export interface EntitiesTarget {
  readonly executor: 'entities';
}

export interface ActionTarget {
  readonly executor: 'action';
  readonly action: Action;
  /** `run`: the handler's answer; `start`: the id of an asynchronous call; `result`: what became of the call with an id. */
  readonly form: 'run' | 'start' | 'result';
}

export interface RemoteSchemaTarget {
  readonly executor: 'remote-schema';
  readonly access: RemoteSchemaAccess;
  readonly operation: 'query' | 'mutation' | 'subscription';
  /** The upstream's name of the field. */
  readonly field: string;
}

/** A table whose rows other subgraphs may name by their primary keys. */
export interface EntityTable {
  readonly access: SelectAccess;
  readonly type: ObjectType;
  /** `name` is the field's. */
  readonly key: readonly { readonly name: string; readonly grant: ColumnGrant }[];
}

export type PageInfoPart = 'startCursor' | 'endCursor' | 'hasNextPage' | 'hasPreviousPage';

/** What a global id says of the table; `2` names the source too, where the table's name alone could mean another. */
export type NodeIdentity =
  | { readonly version: 1; readonly schema: string; readonly name: string }
  | { readonly version: 2; readonly source: string; readonly schema: string; readonly name: string };

export interface NodeTable {
  readonly access: SelectAccess;
  readonly type: ObjectType;
  readonly key: readonly TrackedColumn[];
}

/** The tables whose rows the role may get by global ids. */
export interface NodeTables {
  /** Null when the role sees no such table. Without a source the first one that has it. */
  readonly find: (source: string | null, table: QualifiedName) => NodeTable | null;
}

export interface InsertTarget {
  readonly table: TrackedTable;
  readonly rule: InsertRule;
  /** What `returning` and the conflict's `where` may name; null without select permission. */
  readonly select: SelectRule | null;
  /** What DO UPDATE obeys; null: only DO NOTHING. */
  readonly update: UpdateRule | null;
}

export interface UpdateTarget {
  readonly table: TrackedTable;
  readonly rule: UpdateRule;
  readonly select: SelectRule | null;
}

export interface DeleteTarget {
  readonly table: TrackedTable;
  readonly rule: DeleteRule;
  readonly select: SelectRule | null;
}

export type UpdateOperator =
  | 'set'
  | 'inc'
  | 'append'
  | 'prepend'
  | 'delete-key'
  | 'delete-elem'
  | 'delete-at-path';

export type InputMeaning =
  // arguments
  | { readonly kind: 'where' }
  | { readonly kind: 'order-by' }
  | { readonly kind: 'distinct-on' }
  | { readonly kind: 'limit' }
  | { readonly kind: 'offset' }
  | { readonly kind: 'first' }
  | { readonly kind: 'last' }
  | { readonly kind: 'after' }
  | { readonly kind: 'before' }
  | { readonly kind: 'node-id' }
  | { readonly kind: 'json-path' }
  | { readonly kind: 'key-column'; readonly column: TrackedColumn; readonly grant: ColumnGrant }
  | { readonly kind: 'function-arguments' }
  /** Index in `catalog.arguments` of a function, in `arguments` of a computed field or a native query. */
  | { readonly kind: 'function-argument'; readonly position: number }
  | { readonly kind: 'count-columns' }
  | { readonly kind: 'count-distinct' }
  | { readonly kind: 'stream-batch-size' }
  | { readonly kind: 'stream-cursor' }
  | { readonly kind: 'objects' }
  | { readonly kind: 'object' }
  | { readonly kind: 'on-conflict' }
  | { readonly kind: 'pk-columns' }
  | { readonly kind: 'updates' }
  | { readonly kind: 'update-operator'; readonly operator: UpdateOperator }
  | { readonly kind: 'type-name' }
  | { readonly kind: 'include-deprecated' }
  // t_bool_exp
  | { readonly kind: 'and' }
  | { readonly kind: 'or' }
  | { readonly kind: 'not' }
  | { readonly kind: 'column'; readonly grant: ColumnGrant }
  | { readonly kind: 'computed-scalar'; readonly grant: ComputedFieldGrant }
  | { readonly kind: 'computed-rows'; readonly field: TrackedComputedField; readonly access: SelectAccess }
  | {
      readonly kind: 'relationship';
      readonly relationship: TrackedRelationship;
      readonly access: SelectAccess;
    }
  | {
      readonly kind: 'relationship-aggregate';
      readonly relationship: TrackedRelationship;
      readonly access: SelectAccess;
    }
  // S_comparison_exp
  | { readonly kind: 'operator'; readonly operator: OperatorSpecification }
  | { readonly kind: 'is-null' }
  /** `_cast`, and the one field of the object below it. */
  | { readonly kind: 'cast'; readonly to: PgType }
  // aggregate predicates
  | { readonly kind: 'aggregate-predicate'; readonly function: string }
  | { readonly kind: 'predicate-arguments' }
  | { readonly kind: 'predicate-distinct' }
  | { readonly kind: 'predicate-filter' }
  | { readonly kind: 'predicate' }
  // t_order_by: `column`, `computed-scalar`, `relationship`, `relationship-aggregate`, `computed-rows` as above; below an aggregate:
  | { readonly kind: 'order-by-count' }
  | { readonly kind: 'order-by-function'; readonly function: string }
  // inserts and updates
  | { readonly kind: 'input-column'; readonly column: TrackedColumn }
  | {
      readonly kind: 'nested-insert';
      readonly relationship: TrackedRelationship;
      readonly target: InsertTarget;
    }
  | { readonly kind: 'insert-data' }
  | { readonly kind: 'conflict-constraint' }
  | { readonly kind: 'conflict-columns' }
  // streams
  | { readonly kind: 'cursor-initial-value' }
  | { readonly kind: 'cursor-ordering' }
  /** An argument, or a member of an input object, of a delegated field; `name` is what the service calls it. */
  | { readonly kind: 'delegated'; readonly name: string }
  // st_d_within and raster inputs: the field's own name says which part it is
  | { readonly kind: 'part'; readonly name: string };

export type EnumValueMeaning =
  | { readonly kind: 'column'; readonly grant: ColumnGrant }
  | { readonly kind: 'direction'; readonly direction: 'asc' | 'desc'; readonly nulls: 'first' | 'last' }
  /** A row of an enum table: the text that PostgreSQL stores. */
  | { readonly kind: 'enum-table'; readonly value: string }
  | { readonly kind: 'constraint'; readonly name: string }
  | { readonly kind: 'update-column'; readonly column: TrackedColumn }
  | { readonly kind: 'placeholder' }
  | { readonly kind: 'plain' };
