import type { PgType } from '../../catalog/index.ts';
import type { Operand, Value } from '../../permissions/index.ts';
import type { NodeIdentity, PageInfoPart } from '../../schema/index.ts';
import type { OutputItem, RowSet } from '../types.ts';

/**
 * A page of rows with their cursors. The set's order ends with the primary key, so that it is total; its own limit and offset are null.
 * Source: spec/graphql-api.md 16.
 */
export interface ConnectionSelect {
  readonly kind: 'connection';
  readonly set: RowSet;
  /** For each item of the set's order, what the cursor says of it. */
  readonly keys: readonly CursorKey[];
  /** Only rows on this side of the cursor count. */
  readonly cursor: ConnectionCursor | null;
  /** So many rows from the start or the end; null: all. */
  readonly slice: { readonly from: 'start' | 'end'; readonly size: Value } | null;
  /** The rule's limit, which concerns the page. */
  readonly permissionLimit: number | null;
  readonly output: readonly ConnectionItem[];
}

export interface ConnectionCursor {
  readonly side: 'after' | 'before';
  /** Its JSON. */
  readonly value: Value;
  /** For each key whether the cursor has null there. */
  readonly nulls: readonly boolean[];
}

export interface CursorKey {
  /** Where the cursor's JSON object has the value, e.g. `['author', 'name']`. */
  readonly path: readonly string[];
  readonly type: PgType;
  /** Types that JSON does not have go through their text, so that they come back as they were. */
  readonly isText: boolean;
  /** False: no row has a NULL there. */
  readonly isNullable: boolean;
}

export type ConnectionItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | { readonly key: string; readonly kind: 'edges'; readonly output: readonly EdgeItem[] }
  | { readonly key: string; readonly kind: 'page-info'; readonly output: readonly PageInfoItem[] };

export type EdgeItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | { readonly key: string; readonly kind: 'cursor' }
  | { readonly key: string; readonly kind: 'node'; readonly output: readonly OutputItem[] };

export type PageInfoItem =
  | { readonly key: string; readonly kind: 'typename'; readonly value: string }
  | { readonly key: string; readonly kind: 'part'; readonly part: PageInfoPart };

/** The global id of a row: base64 of a JSON array that names the table and the values of its primary key. */
export interface NodeIdItem {
  readonly key: string;
  readonly kind: 'node-id';
  readonly identity: NodeIdentity;
  readonly values: readonly Operand[];
}
