/**
 * The rules: what they speak about (tables, columns, relationships, computed fields), the one representation of a boolean expression, and the
 * rule of each (role, table, operation).
 *
 * Expressions name columns and rows, never SQL text; `sql/` renders them. Rows of a table can be named only through `GuardedRows`, which
 * only this folder makes.
 */
import type { EnumValue, FunctionArgument, PgType, QualifiedName } from '../catalog/index.ts';
import type { Json } from '../support/index.ts';

// ---- what rules speak about; the model's tracked tables implement these -------------------------------------------------------

/** Names a table. What it is like is asked of the model that one works with, so that nothing leads from one model into another. */
export interface TableReference extends QualifiedName {
  readonly source: string;
}

/** What reading and writing its rows needs to know of a table. It leads nowhere: rules outlive the model that they were compiled for. */
export interface RowTable extends TableReference {
  readonly columns: ReadonlyMap<string, Column>;
  /** Columns of the primary key in key order; null without one. */
  readonly primaryKey: readonly Column[] | null;
  /** Its rows are those of other tables, and do not say whether they were inserted or updated. */
  readonly isPartitioned?: true;
  /** The shape of rows that native queries return: it names nothing in the database, and has rows only where a query is named. */
  readonly isLogicalModel?: true;
}

export interface Table extends RowTable {
  readonly relationships: ReadonlyMap<string, Relationship>;
  readonly computedFields: ReadonlyMap<string, ComputedField>;
}

export interface Column {
  readonly name: string;
  readonly type: PgType;
  readonly isNullable: boolean;
  readonly isInsertable: boolean;
  readonly isUpdatable: boolean;
  /** Set when a single-column foreign key leads to an enum table. */
  readonly enumReference: EnumReference | null;
  /** The spatial reference system that the column is declared with. */
  readonly srid?: number;
  /** Computed whenever it is read, which may fail. */
  readonly isVirtual?: true;
  /** Of a collation that takes different texts for equal; it may know no patterns. */
  readonly isNondeterministic?: true;
}

export interface EnumReference {
  readonly table: QualifiedName;
  /** GraphQL name of the enum type. */
  readonly typeName: string;
  readonly values: readonly EnumValue[];
}

export interface ColumnPair {
  /** A column of the row one stands on. */
  readonly from: Column;
  /** A column of the related row. */
  readonly to: Column;
}

export interface Relationship {
  readonly name: string;
  readonly kind: 'object' | 'array';
  readonly target: TableReference;
  readonly mapping: readonly ColumnPair[];
}

export interface ComputedField {
  readonly name: string;
  readonly function: QualifiedName;
  readonly returns:
    | { readonly kind: 'scalar'; readonly type: PgType }
    | { readonly kind: 'rows'; readonly table: TableReference };
  /** The arguments that a client gives, i.e. without the table argument and the session argument. */
  readonly arguments: readonly FunctionArgument[];
  /** Builds the call for a row; `values` are the client's arguments in order (null for omitted ones, which have defaults). */
  readonly call: (values: readonly (Value | null)[]) => FunctionCall;
}

// ---- values --------------------------------------------------------------------------------------------------------------------

/** Where the text of a bind parameter comes from when a statement is run. */
export type ParameterSource =
  | { readonly kind: 'literal'; readonly text: string | null }
  /** Lower-case name, e.g. `x-hasura-user-id`. */
  | { readonly kind: 'session'; readonly variable: string }
  /** All session variables as one JSON object text. */
  | { readonly kind: 'session-object' }
  /** Values of rows of another source, as a JSON array, known when those rows are there. */
  | { readonly kind: 'rows-to-join' }
  /** Where a stream has come to; `initial` before it has come anywhere. */
  | { readonly kind: 'stream-cursor'; readonly initial: ParameterSource }
  /** A GraphQL variable; `encode` turns its (non-null) value into parameter text or throws a RequestError that points to the use. */
  | { readonly kind: 'variable'; readonly name: string; readonly encode: (value: Json) => string | null };

/** A value on its way to PostgreSQL: always a bind parameter with a cast. */
export interface Value {
  readonly source: ParameterSource;
  /** What the parameter is cast to; with `isArray` to an array of it. */
  readonly type: PgType;
  readonly isArray: boolean;
  /** How the text becomes a value: by a cast, or by `ST_GeomFromGeoJSON` / `ST_RastFromHexWKB`. */
  readonly input: 'text' | 'geojson' | 'raster-hex';
}

export interface FunctionCall {
  readonly function: QualifiedName;
  readonly arguments: readonly FunctionCallArgument[];
}

export type FunctionCallArgument =
  | { readonly kind: 'row'; readonly name: string | null }
  | { readonly kind: 'value'; readonly name: string | null; readonly value: Value };

/** SQL that the metadata declares, with the places of its arguments. */
export type NativeCode = readonly NativeCodePart[];

export type NativeCodePart =
  | { readonly kind: 'sql'; readonly text: string }
  | { readonly kind: 'argument'; readonly name: string };

export interface NativeQueryCall {
  readonly query: string;
  readonly code: NativeCode;
  /** By argument; every one that the code names is there. */
  readonly values: ReadonlyMap<string, Value>;
}

// ---- boolean expressions -------------------------------------------------------------------------------------------------------

/**
 * A condition on a row. "Current" is the row of the innermost enclosing `exists` (or the outermost row), "root" the row of the table on which the
 * expression was defined; a guard's own filter has its own root. Source: spec/permissions.md 3.
 */
export type BooleanExpression =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and'; readonly operands: readonly BooleanExpression[] }
  | { readonly kind: 'or'; readonly operands: readonly BooleanExpression[] }
  | { readonly kind: 'not'; readonly operand: BooleanExpression }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Operand;
      readonly right: RightOperand;
      /** For `eq` and `neq` in permissions: NULL equals NULL (spec/permissions.md 3.4). */
      readonly isNullSafe: boolean;
    }
  | { readonly kind: 'null-test'; readonly operand: Operand; readonly isNull: boolean }
  /** At least one of `rows` that joins the current row satisfies `where`; the guard's filter is part of the rows. */
  | {
      readonly kind: 'exists';
      readonly rows: GuardedRows;
      readonly join: readonly ColumnPair[];
      readonly where: BooleanExpression;
    }
  /** An aggregate over the related rows satisfies `predicate`, whose operands are `aggregate-result`. */
  | {
      readonly kind: 'aggregate-test';
      readonly rows: GuardedRows;
      readonly join: readonly ColumnPair[];
      readonly filter: BooleanExpression;
      readonly aggregate: AggregateCall;
      readonly predicate: BooleanExpression;
    };

export interface AggregateCall {
  /** SQL name: `count`, `sum`, `bool_and`, `corr`, … */
  readonly function: string;
  /** Empty for `count(*)`. */
  readonly operands: readonly Operand[];
  readonly isDistinct: boolean;
}

export type Operand =
  /** `visibleWhen`: the cell reads as NULL where the condition (on the same row) is not true. */
  | { readonly kind: 'column'; readonly column: Column; readonly visibleWhen: BooleanExpression | null }
  | {
      readonly kind: 'call';
      readonly call: FunctionCall;
      readonly type: PgType;
      readonly visibleWhen: BooleanExpression | null;
    }
  | { readonly kind: 'cast'; readonly operand: Operand; readonly type: PgType }
  | { readonly kind: 'aggregate-result' };

export type RightOperand =
  | { readonly kind: 'value'; readonly value: Value }
  /** A list whose elements cannot travel as one array parameter (geometries). */
  | { readonly kind: 'list'; readonly elements: readonly Value[]; readonly type: PgType }
  | { readonly kind: 'column'; readonly column: Column; readonly of: 'current' | 'root' }
  | {
      readonly kind: 'distance';
      readonly from: Value;
      readonly distance: Value;
      readonly useSpheroid: Value | null;
    }
  | { readonly kind: 'raster-band'; readonly geometry: Value; readonly band: Value | null };

export type ComparisonOperator =
  | 'eq'
  | 'neq'
  | 'gt'
  | 'lt'
  | 'gte'
  | 'lte'
  | 'in'
  | 'nin'
  | 'like'
  | 'nlike'
  | 'ilike'
  | 'nilike'
  | 'similar'
  | 'nsimilar'
  | 'regex'
  | 'nregex'
  | 'iregex'
  | 'niregex'
  | 'contains'
  | 'contained-in'
  | 'has-key'
  | 'has-keys-any'
  | 'has-keys-all'
  | 'json-path-exists'
  | 'json-path-match'
  | 'st-contains'
  | 'st-crosses'
  | 'st-equals'
  | 'st-overlaps'
  | 'st-touches'
  | 'st-within'
  | 'st-intersects'
  | 'st-3d-intersects'
  | 'st-d-within'
  | 'st-3d-d-within'
  | 'st-intersects-rast'
  | 'st-intersects-nband-geom'
  | 'st-intersects-geom-nband'
  | 'ancestor'
  | 'ancestor-any'
  | 'descendant'
  | 'descendant-any'
  | 'matches'
  | 'matches-any'
  | 'matches-fulltext';

/** What an operator takes on its right, relative to the type on its left. */
export type OperandShape =
  | 'same'
  | 'list-of-same'
  | 'text'
  | 'list-of-text'
  | 'lquery'
  | 'list-of-lquery'
  | 'ltxtquery'
  | 'boolean'
  | 'geometry-distance'
  | 'geography-distance'
  | 'band-geometry'
  | 'geometry-band';

/** One row of the operator table, from which both the GraphQL comparison inputs and the permission parser read. */
export interface OperatorSpecification {
  readonly operator: ComparisonOperator;
  /** GraphQL field name in the default naming convention, e.g. `_eq`; permissions accept it also with `$` for `_`. */
  readonly name: string;
  /** Further names in permissions, e.g. `_ne`. */
  readonly permissionAliases: readonly string[];
  readonly description: string | null;
  readonly operand: OperandShape;
  readonly appliesTo: (type: PgType) => boolean;
  readonly isInGraphql: boolean;
  readonly isInPermissions: boolean;
}

// ---- rules ---------------------------------------------------------------------------------------------------------------------

declare const guardBrand: unique symbol;

/**
 * The only way to name rows in a plan or an expression: a table, a function that returns rows of it, or a native query that returns rows of a logical
 * model, together with the filter of the rule under which they are read. Made by `permissions/` alone.
 */
export interface GuardedRows {
  readonly [guardBrand]: true;
  readonly table: RowTable;
  readonly source: RowSource;
  readonly filter: BooleanExpression;
}

export type RowSource =
  | { readonly kind: 'table' }
  | { readonly kind: 'function'; readonly call: FunctionCall }
  | { readonly kind: 'native-query'; readonly call: NativeQueryCall }
  /** Of a logical model as long as no query is named: there is nothing to read. */
  | { readonly kind: 'nowhere' };

export interface ColumnGrant {
  readonly column: Column;
  /** Null: visible on every row that the filter admits. Otherwise the cell is NULL, everywhere, where this is not true. */
  readonly visibleWhen: BooleanExpression | null;
}

export interface ComputedFieldGrant {
  readonly field: ComputedField;
  readonly visibleWhen: BooleanExpression | null;
}

export type QueryRootField = 'select' | 'select_by_pk' | 'select_aggregate';
export type SubscriptionRootField = QueryRootField | 'select_stream';

export interface SelectRule {
  readonly role: string;
  /** The table's rows under this rule. */
  readonly rows: GuardedRows;
  /** By column name, in table order. */
  readonly columns: ReadonlyMap<string, ColumnGrant>;
  /** Scalar computed fields by name. */
  readonly computedFields: ReadonlyMap<string, ComputedFieldGrant>;
  readonly limit: number | null;
  readonly allowsAggregations: boolean;
  readonly queryRootFields: ReadonlySet<QueryRootField>;
  readonly subscriptionRootFields: ReadonlySet<SubscriptionRootField>;
  /** The rules that were united into this one: several of one role, or those of an inherited role's parents. For explanations only. */
  readonly alternatives?: readonly SelectRule[];
}

export interface InputValidation {
  readonly url: string;
  readonly headers: readonly {
    readonly name: string;
    readonly value?: string;
    readonly value_from_env?: string;
  }[];
  readonly timeoutSeconds: number;
  readonly forwardsClientHeaders: boolean;
}

export interface InsertRule {
  readonly role: string;
  readonly check: BooleanExpression;
  /** Columns that the client may give, presets removed. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly presets: ReadonlyMap<string, Value>;
  readonly isBackendOnly: boolean;
  readonly validation: InputValidation | null;
  /**
   * Several rules of one role, any one of which may be used. What stands beside them is then what they allow as a whole (`columns`) or nothing at
   * all (`check` never holds): who writes takes one of them, by `insertRuleFor`.
   */
  readonly alternatives?: readonly InsertRule[];
}

export interface UpdateRule {
  readonly role: string;
  readonly filter: BooleanExpression;
  /** Null when the permission gives none, which differs from "always" for upserts (spec/permissions.md 2.5). */
  readonly check: BooleanExpression | null;
  readonly columns: ReadonlyMap<string, Column>;
  readonly presets: ReadonlyMap<string, Value>;
  readonly isBackendOnly: boolean;
  readonly validation: InputValidation | null;
  /**
   * Several rules of one role, any one of which may be used. What stands beside them is then what they allow as a whole (`columns`) or nothing at
   * all (`filter` never holds): who writes takes one of them, by `updateRuleFor`.
   */
  readonly alternatives?: readonly UpdateRule[];
}

export interface DeleteRule {
  readonly role: string;
  readonly filter: BooleanExpression;
  readonly isBackendOnly: boolean;
  readonly validation: InputValidation | null;
  /**
   * Several rules of one role, any one of which may be used. What stands beside them is then what they allow as a whole (`columns`) or nothing at
   * all (`filter` never holds): who writes takes one of them, by `deleteRuleFor`.
   */
  readonly alternatives?: readonly DeleteRule[];
}

/** All that a role may do with a table; null: not at all. */
export interface TableRules {
  readonly select: SelectRule | null;
  readonly insert: InsertRule | null;
  readonly update: UpdateRule | null;
  readonly delete: DeleteRule | null;
}
