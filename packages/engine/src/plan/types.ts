/**
 * The plan of an operation: a small relational tree with the role's rules already in it. It names columns, guarded rows and values, never SQL text.
 */
import type { PgType, QualifiedName } from '../catalog/index.ts';
import type {
  BooleanExpression,
  Column,
  ColumnPair,
  FunctionCall,
  GuardedRows,
  NativeCode,
  NativeQueryCall,
  Operand,
  Value,
} from '../permissions/index.ts';
import type { DelegatedTarget } from '../schema/index.ts';
import type { DelegatedField } from './delegated/types.ts';
import type { RemoteFieldJoin, RowsJoin } from './joins/types.ts';
import type { InputValidationCall, Mutation } from './mutations/types.ts';
import type { ConnectionSelect, NodeIdItem } from './relay/types.ts';

/** A whole operation. Root fields in response order. */
export interface Plan {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly fields: readonly RootPlan[];
}

export type RootPlan =
  /** JSON known when planning, as text or UTF-8 in pieces: `__typename`, introspection, the placeholder field. */
  | { readonly kind: 'constant'; readonly key: string; readonly json: string | readonly Uint8Array[] }
  /** Introspection of a schema that is too large for that: makes the JSON in short steps, each of which gives a piece of it or null. */
  | {
      readonly kind: 'introspection';
      readonly key: string;
      readonly begin: () => Iterable<Uint8Array | null>;
    }
  /** Fields below a source's namespace. */
  | {
      readonly kind: 'namespace';
      readonly key: string;
      readonly name: string;
      readonly fields: readonly RootPlan[];
    }
  /** A field that one SELECT answers. `name` is the field's name, for logs and explain. */
  | {
      readonly kind: 'select';
      readonly key: string;
      readonly name: string;
      readonly source: string;
      readonly select: Select;
    }
  /** A field that changes rows. Those of one source run in order, in one transaction. */
  | {
      readonly kind: 'mutation';
      readonly key: string;
      readonly name: string;
      readonly source: string;
      readonly mutation: Mutation;
      /** Webhooks that must agree before the transaction begins, in order. */
      readonly validations: readonly InputValidationCall[];
    }
  /** A field that a service outside of the sources answers. In a mutation it runs in its place between the others. */
  | {
      readonly kind: 'delegated';
      readonly key: string;
      readonly name: string;
      readonly target: DelegatedTarget;
      readonly field: DelegatedField;
    };

/** One JSON value made from guarded rows. */
export type Select = RowsSelect | AggregateSelect | ConnectionSelect;

/** Which rows, in which order. */
export interface RowSet {
  readonly rows: GuardedRows;
  /** How they relate to the enclosing row; empty at the root. */
  readonly join: readonly ColumnPair[];
  readonly where: BooleanExpression;
  readonly distinctOn: readonly Operand[];
  readonly orderBy: readonly OrderItem[];
  /** The client's limit; null: none. */
  readonly limit: Value | null;
  readonly offset: Value | null;
}

export interface RowsSelect {
  readonly kind: 'rows';
  readonly set: RowSet;
  /** `list`: a JSON array (`[]` when empty). `one`: an object or null. */
  readonly cardinality: 'list' | 'one';
  /** The rule's limit, applied outermost; null: none. */
  readonly permissionLimit: number | null;
  readonly output: readonly OutputItem[];
  /** For streaming subscriptions. */
  readonly stream: StreamCursor | null;
}

export interface AggregateSelect {
  readonly kind: 'aggregate';
  readonly set: RowSet;
  /** The rule's limit, which concerns `nodes` only. */
  readonly permissionLimit: number | null;
  readonly output: readonly AggregateItem[];
}

export type AggregateItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | { readonly key: string; readonly kind: 'aggregate'; readonly output: readonly AggregateFieldItem[] }
  | { readonly key: string; readonly kind: 'nodes'; readonly output: readonly OutputItem[] };

export type AggregateFieldItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | {
      readonly key: string;
      readonly kind: 'count';
      readonly operands: readonly Operand[];
      readonly isDistinct: boolean;
    }
  | {
      readonly key: string;
      readonly kind: 'function';
      readonly function: string;
      readonly output: readonly AggregateColumnItem[];
    };

export type AggregateColumnItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | {
      readonly key: string;
      readonly kind: 'value';
      readonly operand: Operand;
      readonly format: OutputFormat;
    };

/** One member of a row's JSON object. */
export type OutputItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | {
      readonly key: string;
      readonly kind: 'value';
      readonly operand: Operand;
      /** Elements of a JSON path (`#>`); null: the whole value. */
      readonly jsonPath: readonly string[] | null;
      readonly format: OutputFormat;
    }
  | NodeIdItem
  /** Related rows, or rows that a computed field returns. */
  | { readonly key: string; readonly kind: 'select'; readonly select: Select }
  /** What another source or service has to the row's `values`; looked up when the rows are there. A null among the values finds nothing. */
  | {
      readonly key: string;
      readonly kind: 'join';
      readonly values: readonly Operand[];
      readonly join: Join;
    };

/** How what belongs to many rows is looked up at once. */
export type Join = RowsJoin | RemoteFieldJoin;

/** How a value becomes JSON: as PostgreSQL prints it, as text (stringified numbers), as GeoJSON, or upper-cased (graphql-default enum values). */
export type OutputFormat = 'json' | 'text' | 'geojson' | 'upper';

export interface OrderItem {
  readonly by: OrderExpression;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last';
  /** How cursors name it: the column, or the way to it from the row, e.g. `['author', 'name']`. */
  readonly path?: readonly string[];
}

export type OrderExpression =
  | { readonly kind: 'operand'; readonly operand: Operand }
  /** A value of the related row; NULL when the guard hides the row. */
  | {
      readonly kind: 'related';
      readonly rows: GuardedRows;
      readonly join: readonly ColumnPair[];
      readonly by: OrderExpression;
    }
  /** An aggregate over the related rows that the guard shows. */
  | {
      readonly kind: 'related-aggregate';
      readonly rows: GuardedRows;
      readonly join: readonly ColumnPair[];
      readonly function: string;
      /** Null: `count(*)`. */
      readonly operand: Operand | null;
    };

export interface StreamCursor {
  readonly operand: Operand;
  readonly column: string;
  readonly direction: 'asc' | 'desc';
  readonly initialValue: Value | null;
  readonly batchSize: Value;
}

/** The types a value may have on its way out, for `OutputFormat` decisions. */
export interface OutputOptions {
  readonly stringifyNumericTypes: boolean;
}

export type * from './delegated/types.ts';
export type * from './joins/types.ts';
export type * from './mutations/types.ts';
export type * from './relay/types.ts';
export type {
  BooleanExpression,
  Column,
  ColumnPair,
  FunctionCall,
  GuardedRows,
  NativeCode,
  NativeQueryCall,
  Operand,
  PgType,
  QualifiedName,
  Value,
};
