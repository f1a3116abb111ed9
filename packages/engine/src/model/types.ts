/** The Model: catalogue × metadata, resolved and immutable. A change builds a new one; requests in flight keep the old one. */
import type { CatalogFunction, CatalogTable, EnumValue, PgType, QualifiedName } from '../catalog/index.ts';
import type {
  ArgumentTemplate,
  MetadataObjectId,
  RemoteFieldStep,
  RootFieldKind,
} from '../metadata/index.ts';
import type {
  Column,
  ColumnPair,
  ComputedField,
  NativeCode,
  Relationship,
  Table,
  TableReference,
  TableRules,
} from '../permissions/index.ts';
import type { RemoteEndpoint, RemoteNaming, RemoteTypeSystem } from '../remote-schemas/index.ts';
import type { Json, RequestError } from '../support/index.ts';
import type { Action } from './actions.ts';
import type { CustomTypes } from './custom-types.ts';

export interface Model {
  /** Grows with every model built in this process; part of the plan cache's key. */
  readonly id: number;
  readonly sources: ReadonlyMap<string, Source>;
  /** Every role that some permission, action or inherited role mentions; never `admin`. */
  readonly roles: ReadonlySet<string>;
  readonly inconsistencies: readonly Inconsistency[];
  /** The table that relationships and computed fields of this model lead to. @throws InvariantError for one that this model does not have */
  readonly tableAt: (reference: TableReference) => TrackedTable;
  /** What the role may do with the table of this model; `admin` may do all. @throws InvariantError for a table of another model */
  readonly rulesOf: (role: string, table: TrackedTable) => TableRules;
  /** Those of the table that lead to other sources and to remote schemas, by name. */
  readonly remoteRelationshipsOf: (
    table: TrackedTable,
  ) => ReadonlyMap<string, TableRemoteRelationship | TableRemoteFieldRelationship>;
  /** Those of an object type of a remote schema; both names are the metadata's and the service's. */
  readonly remoteTypeRelationshipsOf: (
    schema: string,
    type: string,
  ) => readonly (RemoteRowsRelationship | RemoteFieldRelationship)[];
  /** False: the role may call the function only through an explicit permission. */
  readonly mayCallFunction: (role: string, fn: TrackedFunction) => boolean;
  /** What declarations of actions can name; only scalars when the custom types do not fit. */
  readonly customTypes: CustomTypes;
  /** Those that fit, by name. */
  readonly actions: ReadonlyMap<string, Action>;
  readonly introspectionDisabledRoles: ReadonlySet<string>;
  /** Other GraphQL services by name, in the order of the metadata. */
  readonly remoteSchemas: ReadonlyMap<string, RemoteSchema>;
  /** Those that the role may use. */
  readonly remoteSchemasOf: (role: string) => readonly RemoteSchemaAccess[];
}

/** Another GraphQL service, all of it. */
export interface RemoteSchema {
  readonly name: string;
  readonly endpoint: RemoteEndpoint;
  readonly naming: RemoteNaming;
  readonly typeSystem: RemoteTypeSystem;
}

/** What a role may use of a service: what is not in `typeSystem` does not exist for it, and presets are sent with whatever it asks. */
export interface RemoteSchemaAccess {
  readonly schema: RemoteSchema;
  readonly typeSystem: RemoteTypeSystem;
}

export interface Source {
  readonly name: string;
  /** Tracked and consistent tables by `qualifiedKey`. */
  readonly tables: ReadonlyMap<string, TrackedTable>;
  readonly functions: ReadonlyMap<string, TrackedFunction>;
  /** By the name of their field, without prefix and suffix. */
  readonly nativeQueries: ReadonlyMap<string, TrackedNativeQuery>;
  readonly naming: Naming;
}

/** A source's names: the convention and the prefixes and suffixes of its customization. Source: spec/graphql-api.md 2. */
export interface Naming {
  readonly convention: 'hasura-default' | 'graphql-default';
  /** Namespace field under each root, or null. */
  readonly namespace: string | null;
  /** A generated type name from its parts, e.g. `['author', 'bool_exp']`, with type prefix and suffix. */
  readonly typeName: (...parts: readonly NamePart[]) => string;
  /** A type name that takes no prefix or suffix: scalars' comparison inputs, `order_by`. */
  readonly sharedTypeName: (...parts: readonly NamePart[]) => string;
  /** A generated field or argument name, e.g. `['articles', 'aggregate']`. */
  readonly fieldName: (...parts: readonly NamePart[]) => string;
  /** A root field name, with root-field prefix and suffix. */
  readonly rootFieldName: (...parts: readonly NamePart[]) => string;
  readonly enumValue: (name: string) => string;
}

/** `custom`: chosen by the user, hence not split at underscores. */
export type NamePart = string | { readonly custom: string };

/** Automatic description, none, or the given text. */
export type Comment =
  | { readonly kind: 'automatic' }
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string };

export type { RootFieldKind };

export interface TrackedColumn extends Column {
  /** Null when the name is not usable in GraphQL: the column is then not in the schema. */
  readonly graphqlName: string | null;
  /** `column_config.comment`, else the database comment, else null. */
  readonly description: string | null;
}

export interface TrackedRelationship extends Relationship {
  /** For object relationships: false only when it follows this table's own foreign key over NOT NULL columns. */
  readonly isNullable: boolean;
  /** For inserts: whether the related row is written before or after this one. */
  readonly insertionOrder: 'before-parent' | 'after-parent';
  /** Built on a foreign key (its name), or declared by hand. */
  readonly constraint: string | null;
}

/**
 * Leads from an object to rows of a table that need not be in the same source; the object is a row, or a part of a delegated answer.
 * Source: spec/remote-schemas.md 8.
 */
export interface RemoteRowsRelationship {
  readonly name: string;
  readonly kind: 'object' | 'array';
  /** The object's fields that it joins by; of a delegated answer in the words of the service. */
  readonly fields: readonly string[];
  readonly target: TrackedTable;
  /** The target's columns that they equal, in the same order. */
  readonly columns: readonly TrackedColumn[];
}

/** One that starts at a table. */
export interface TableRemoteRelationship extends RemoteRowsRelationship {
  /** What `fields` are, in the same order. */
  readonly left: readonly RemoteJoinValue[];
}

/** Leads from an object to a field of a remote schema. Source: spec/remote-schemas.md 8. */
export interface RemoteFieldRelationship {
  readonly name: string;
  readonly kind: 'remote-field';
  /** The object's fields that it joins by, as the variables of its arguments are called. */
  readonly fields: readonly string[];
  readonly remoteSchema: string;
  /** From the upstream's root type of queries, in its own words. */
  readonly steps: readonly RemoteFieldStep[];
}

/** One that starts at a table. */
export interface TableRemoteFieldRelationship extends RemoteFieldRelationship {
  readonly left: readonly RemoteJoinValue[];
}

export type RemoteJoinValue =
  | { readonly kind: 'column'; readonly column: TrackedColumn }
  | { readonly kind: 'computed-field'; readonly field: TrackedComputedField };

export interface TrackedComputedField extends ComputedField {
  readonly returns:
    | { readonly kind: 'scalar'; readonly type: PgType }
    | { readonly kind: 'rows'; readonly table: TableReference };
  readonly description: string;
}

export interface TrackedTable extends Table {
  readonly catalog: CatalogTable;
  /** Base name for types and fields; a NamePart because a custom name is not split. Null: not usable in GraphQL. */
  readonly graphqlName: NamePart | null;
  readonly comment: Comment;
  readonly columns: ReadonlyMap<string, TrackedColumn>;
  readonly relationships: ReadonlyMap<string, TrackedRelationship>;
  /** Those that lead to native queries. */
  readonly queryRelationships: ReadonlyMap<string, QueryRelationship>;
  readonly computedFields: ReadonlyMap<string, TrackedComputedField>;
  readonly primaryKey: readonly TrackedColumn[] | null;
  /** Full GraphQL name of each root field (customization applied) and its comment. */
  readonly rootFields: Readonly<Record<RootFieldKind, { readonly name: string; readonly comment: Comment }>>;
  /** The rows of an enum table; null for others. */
  readonly enumValues: readonly EnumValue[] | null;
  /** Whether other subgraphs of an Apollo federation may name its rows. */
  readonly isEntity?: boolean;
}

export interface TrackedFunction extends QualifiedName {
  readonly source: string;
  readonly catalog: CatalogFunction;
  readonly exposedAs: 'query' | 'mutation';
  readonly returns: TrackedTable;
  /** Index of the session argument in `catalog.arguments`, or null. */
  readonly sessionArgument: number | null;
  readonly rootFields: { readonly function: string; readonly aggregate: string };
  /** Without prefix and suffix of the source. */
  readonly ownNames: { readonly function: string; readonly aggregate: string; readonly arguments: string };
  readonly graphqlName: NamePart;
  readonly comment: Comment;
  readonly permittedRoles: ReadonlySet<string>;
}

/** A root field whose rows SQL of the metadata returns. */
export interface TrackedNativeQuery {
  readonly source: string;
  /** As the metadata calls it. */
  readonly name: string;
  /** With prefix and suffix of the source. */
  readonly rootField: string;
  readonly code: NativeCode;
  readonly arguments: readonly NativeArgument[];
  /** The logical model, which has the rules, and after which inputs are named. */
  readonly model: TrackedTable;
  /** The model, or its columns together with the relationships of this query. */
  readonly row: TrackedTable;
  readonly comment: Comment;
}

export interface NativeArgument {
  readonly name: string;
  readonly type: PgType;
  readonly isNullable: boolean;
  readonly description: string | null;
}

/** From a row to the rows of a native query that match it. */
export interface QueryRelationship {
  readonly name: string;
  readonly kind: 'object' | 'array';
  readonly target: TrackedNativeQuery;
  readonly mapping: readonly ColumnPair[];
}

/** A part of the metadata that does not fit the database or the rest of the metadata. Source: spec/metadata-api.md 4. */
export interface Inconsistency {
  /** `table`, `select_permission`, … */
  readonly type: string;
  readonly name: string;
  readonly reason: string;
  readonly definition: Json;
  /** Extra detail, e.g. a database error. */
  readonly message?: Json;
  /** Informational: does not block commands and is not dropped (inherited-role conflicts); carries `entity` instead of `definition`. */
  readonly entity?: Json;
  /** Of objects that exclude one another: all of them, instead of one `definition`. */
  readonly conflicts?: readonly Json[];
  /** What `drop_inconsistent_metadata` removes. */
  readonly object: MetadataObjectId | null;
  /** The fault itself, for commands that report it in its own words. */
  readonly error?: RequestError;
  /** The object is fine by itself, but another of its kind is in its way. */
  readonly isConflict?: boolean;
  /** The same for conflicts. */
  readonly conflictingObjects?: readonly MetadataObjectId[];
}

export type { ArgumentTemplate, MetadataObjectId, RemoteFieldStep };
