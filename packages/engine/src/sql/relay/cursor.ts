/** Cursors in SQL: made of the values that rows are sorted by, and compared with them. Source: spec/graphql-api.md 16. */
import type { ConnectionCursor, CursorKey, OrderItem, Value } from '../../plan/index.ts';
import { join, literal, type SqlFragment, sql } from '../fragment.ts';
import { renderValue, castTarget } from '../value.ts';
import { renderBase64 } from './node-id.ts';

/** What rows are sorted by: an item of the order, what cursors say of it, and the cell of the current row. */
export interface SortedCell {
  readonly item: OrderItem;
  readonly key: CursorKey;
  readonly cell: SqlFragment;
}

/** The cursor of the current row. */
export function renderCursor(cells: readonly SortedCell[]): SqlFragment {
  return renderBase64(renderLevel(cells.map(({ key, cell }) => ({ path: key.path, key, cell }))));
}

interface Leaf extends Pick<SortedCell, 'key' | 'cell'> {
  readonly path: readonly string[];
}

/** `json_build_object('author', json_build_object('name', …), 'id', …)`. */
function renderLevel(leaves: readonly Leaf[]): SqlFragment {
  const members = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const [name = '', ...path] = leaf.path;
    const below = members.get(name) ?? [];
    below.push({ ...leaf, path });
    members.set(name, below);
  }
  const pairs = [...members].map(([name, below]) => {
    const [first] = below;
    const value = first?.path.length === 0 ? renderLeaf(first) : renderLevel(below);
    return sql`${literal(name)}, ${value}`;
  });
  return sql`json_build_object(${join(pairs, sql`, `)})`;
}

function renderLeaf({ key, cell }: Leaf): SqlFragment {
  return key.isText ? sql`(${cell})::text` : cell;
}

/**
 * Conditions under which the current row stands beyond the cursor in the order, on the given side of it, or with `isInclusive` right at it; no row satisfies
 * two of them. For WHERE, as NULL stands for no. Written so that an index over what the rows are sorted by leads there, as far as one can: where NULLs
 * stand beyond values they are apart, since an index leads to either but not to both at once.
 */
export function renderBeyond(
  cells: readonly SortedCell[],
  cursor: ConnectionCursor,
  side: 'after' | 'before',
  isInclusive: boolean,
): readonly [SqlFragment, ...SqlFragment[]] {
  const places = placesOf(cells, cursor, side);
  const [first, ...others] = places;
  if (first === undefined || first.value === null || !first.nullsAreBeyond) {
    return [renderPlaces(places, isInclusive)];
  }
  const values = renderPlaces([{ ...first, nullsAreBeyond: false }, ...others], isInclusive);
  return [values, sql`(${first.cell} is null)`];
}

/** What a client's cursor says of each key. PostgreSQL may refuse it, so that it is to be read before any row. */
export function cursorValues(keys: readonly CursorKey[], { value, nulls }: ConnectionCursor): SqlFragment[] {
  return keys.filter((_key, index) => nulls[index] !== true).map((key) => valueInCursor(value, key));
}

function placesOf(
  cells: readonly SortedCell[],
  { value, nulls }: ConnectionCursor,
  side: 'after' | 'before',
): readonly Place[] {
  return cells.map(({ item, key, cell }, index): Place => {
    const isGreater = (item.direction === 'asc') === (side === 'after');
    return {
      cell,
      value: nulls[index] === true ? null : valueInCursor(value, key),
      isGreater,
      // where NULLs lie, seen in the direction in which one looks
      nullsAreBeyond: key.isNullable && (item.nulls === 'last') === (side === 'after'),
    };
  });
}

function renderPlaces(places: readonly Place[], isInclusive: boolean): SqlFragment {
  return renderRowComparison(places, isInclusive) ?? renderByCases(places, isInclusive);
}

interface Place {
  readonly cell: SqlFragment;
  /** Null: the cursor has NULL there. */
  readonly value: SqlFragment | null;
  readonly isGreater: boolean;
  readonly nullsAreBeyond: boolean;
}

function valueInCursor(cursor: Value, { path, type }: CursorKey): SqlFragment {
  const steps = path.map(
    (name, index) => sql`${index === path.length - 1 ? sql` ->> ` : sql` -> `}${literal(name)}`,
  );
  return sql`(${renderValue(cursor)}${join(steps, sql``)})::${castTarget(type, false)}`;
}

/** `(a, b) > (1, 2)`, where all columns go one way and no NULL counts; else null. */
function renderRowComparison(places: readonly Place[], isInclusive: boolean): SqlFragment | null {
  const values: SqlFragment[] = [];
  for (const { value, isGreater, nullsAreBeyond } of places) {
    if (value === null || nullsAreBeyond || isGreater !== places[0]?.isGreater) return null;
    values.push(value);
  }
  const operator = comparisonOperator(places[0]?.isGreater === true, isInclusive);
  const cells = places.map(({ cell }) => cell);
  if (places.length === 1) return sql`(${join(cells, sql``)} ${operator} ${join(values, sql``)})`;
  return sql`((${join(cells, sql`, `)}) ${operator} (${join(values, sql`, `)}))`;
}

/** Equal in the first places, beyond in the next. What all cases have in common stands before them, for an index. */
function renderByCases(places: readonly Place[], isInclusive: boolean): SqlFragment {
  const cases = places.map((place, index) =>
    all([...places.slice(0, index).map(renderSame), renderBeyondAt(place)]),
  );
  if (isInclusive) cases.push(all(places.map(renderSame)));
  const anyCase = sql`(${join(cases, sql` or `)})`;
  const [first] = places;
  if (first === undefined || first.value === null || first.nullsAreBeyond) return anyCase;
  return sql`(${first.cell} ${comparisonOperator(first.isGreater, true)} ${first.value} and ${anyCase})`;
}

function all(conditions: readonly SqlFragment[]): SqlFragment {
  return sql`(${join(conditions, sql` and `)})`;
}

function renderSame({ cell, value }: Place): SqlFragment {
  return value === null ? sql`(${cell} is null)` : sql`(${cell} = ${value})`;
}

function renderBeyondAt({ cell, value, isGreater, nullsAreBeyond }: Place): SqlFragment {
  if (value === null) return nullsAreBeyond ? sql`false` : sql`(${cell} is not null)`;
  const compared = sql`${cell} ${comparisonOperator(isGreater, false)} ${value}`;
  return nullsAreBeyond ? sql`(${compared} or ${cell} is null)` : sql`(${compared})`;
}

function comparisonOperator(isGreater: boolean, isInclusive: boolean): SqlFragment {
  if (isInclusive) return isGreater ? sql`>=` : sql`<=`;
  return isGreater ? sql`>` : sql`<`;
}
