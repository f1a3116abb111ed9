/**
 * Mutations as plans. They hold the rule objects themselves, so that whoever renders them has the filter, the check and the presets at hand and no
 * part of a rule can be left behind on the way.
 */
import type { PgType } from '../../catalog/index.ts';
import type {
  BooleanExpression,
  Column,
  DeleteRule,
  InputValidation,
  InsertRule,
  Relationship,
  Table,
  UpdateRule,
  Value,
} from '../../permissions/index.ts';
import type { UpdateOperator } from '../../schema/index.ts';
import type { Json, JsonObject, Path } from '../../support/index.ts';
import type { OutputItem, Select } from '../types.ts';

export type Mutation =
  | InsertMutation
  | UpdateMutation
  | { readonly kind: 'update-many'; readonly updates: readonly (UpdateMutation | UpdateNothing)[] }
  | DeleteMutation
  /** Calls a volatile function; what it returns is selected under the rule of its table. */
  | { readonly kind: 'function'; readonly select: Select };

/** What is answered about the affected rows. They are not filtered by the select rule, but show only what it grants (spec/permissions.md 4.5). */
export type MutationOutput =
  | { readonly kind: 'response'; readonly items: readonly ResponseItem[] }
  /** The affected row as an object, or null. */
  | { readonly kind: 'row'; readonly output: readonly OutputItem[] };

export type ResponseItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | { readonly key: string; readonly kind: 'affected-rows' }
  | { readonly key: string; readonly kind: 'returning'; readonly output: readonly OutputItem[] };

/** Whether a check that is NULL lets the row pass. */
export type NullChecks = 'fail' | 'pass';

export interface InsertMutation {
  readonly kind: 'insert';
  readonly rows: InsertRows;
  readonly output: MutationOutput;
  readonly nullChecks: NullChecks;
}

/** Rows of one table at one place of the request; at least one. */
export interface InsertRows {
  readonly table: Table;
  readonly rule: InsertRule;
  readonly conflict: Conflict | null;
  readonly values: InsertValues;
  /** Where faults of the rows as a whole are reported. */
  readonly path: Path;
}

export type InsertValues =
  | { readonly kind: 'rows'; readonly rows: readonly InsertRow[] }
  /** A variable holds rows of equal form: a list of texts for each column, of any length. */
  | { readonly kind: 'columns'; readonly columns: readonly ColumnValues[] };

export interface ColumnValues {
  readonly column: Column;
  /** What each text is cast to. */
  readonly type: PgType;
  readonly texts: Value;
}

export interface InsertRow {
  /** What the client gives; a column that is not here has its default. Presets come from the rule and take precedence. */
  readonly cells: readonly Cell[];
  /** Rows that are written first, whose keys this one refers to. */
  readonly before: readonly NestedInsert[];
  /** Rows that refer to this one. */
  readonly after: readonly NestedInsert[];
  /** Where its faults are reported when it is written by itself. */
  readonly path: Path;
}

export interface Cell {
  readonly column: Column;
  readonly value: Value;
}

export interface NestedInsert {
  /** `mapping` goes from the enclosing row to these. */
  readonly relationship: Relationship;
  readonly rows: InsertRows;
  /** Of the relationship's input. */
  readonly path: Path;
}

/** `on_conflict`. */
export interface Conflict {
  /** Null: any conflict, where the row in the table stays as it is. */
  readonly target: ConflictTarget | null;
  /** Null: the row in the table stays as it is. */
  readonly update: {
    readonly rule: UpdateRule;
    readonly columns: readonly Column[];
    /** The client's condition on the row in the table. */
    readonly where: BooleanExpression;
  } | null;
}

export type ConflictTarget =
  | { readonly kind: 'constraint'; readonly name: string }
  /** The unique index on exactly these columns. */
  | { readonly kind: 'columns'; readonly columns: readonly Column[] };

export interface UpdateMutation {
  readonly kind: 'update';
  readonly table: Table;
  readonly rule: UpdateRule;
  /**
   * Set where it depends on the row which of several rules is used: those of equal presets together. The first class that admits the row counts, and in it any rule
   * that admits the row and whose check holds.
   */
  readonly choices?: readonly (readonly UpdateRule[])[];
  readonly where: BooleanExpression;
  /** The client's; together with the rule's presets not empty. */
  readonly assignments: readonly Assignment[];
  readonly output: MutationOutput;
  readonly nullChecks: NullChecks;
}

/** An element of `update_many` that changes nothing. */
export interface UpdateNothing {
  readonly kind: 'nothing';
  readonly output: MutationOutput;
}

export type Assignment =
  | {
      readonly column: Column;
      /** `mul` exists in the data operations of `/v1/query` only. */
      readonly operator: UpdateOperator | 'mul';
      readonly value: Value;
    }
  /** The column's default, also only there. */
  | { readonly column: Column; readonly operator: 'default'; readonly value: null };

export interface DeleteMutation {
  readonly kind: 'delete';
  readonly table: Table;
  readonly rule: DeleteRule;
  readonly where: BooleanExpression;
  readonly output: MutationOutput;
}

/** One request to a validation webhook. Source: spec/permissions.md 10.4. */
export interface InputValidationCall {
  readonly role: string;
  readonly validation: InputValidation;
  /** The `data.input` of the request's body, variables in their places. */
  readonly input: (variables: JsonObject | null) => readonly Json[];
}
