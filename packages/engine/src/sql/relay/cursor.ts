/** Cursors in SQL: made of the values that rows are sorted by, and compared with them. Source: spec/graphql-api.md 16. */
import type { CursorKey, OrderItem, Value } from '../../plan/index.ts';
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
 * Whether the current row stands beyond the cursor in the order, on the given side of it; never NULL where `cells` have no NULL and neither has the cursor.
 * `isInclusive`: or right at it.
 */
export function renderBeyond(
  cells: readonly SortedCell[],
  cursor: Value,
  side: 'after' | 'before',
  isInclusive: boolean,
): SqlFragment {
  const places = cells.map(({ item, key, cell }): Place => {
    const isGreater = (item.direction === 'asc') === (side === 'after');
    return {
      cell,
      value: valueInCursor(cursor, key),
      isGreater,
      isNullable: key.isNullable,
      // where the NULLs lie, seen in the direction in which one looks
      nullsAreBeyond: (item.nulls === 'last') === (side === 'after'),
    };
  });
  return isPlain(places) ? renderRowComparison(places, isInclusive) : renderByCases(places, isInclusive);
}

interface Place {
  readonly cell: SqlFragment;
  readonly value: SqlFragment;
  readonly isGreater: boolean;
  readonly isNullable: boolean;
  readonly nullsAreBeyond: boolean;
}

function valueInCursor(cursor: Value, { path, type }: CursorKey): SqlFragment {
  const steps = path.map(
    (name, index) => sql`${index === path.length - 1 ? sql` ->> ` : sql` -> `}${literal(name)}`,
  );
  return sql`(${renderValue(cursor)}${join(steps, sql``)})::${castTarget(type, false)}`;
}

/** An index over the columns can be used for it. */
function isPlain([first, ...others]: readonly Place[]): boolean {
  if (first === undefined || first.isNullable) return false;
  return others.every(({ isNullable, isGreater }) => !isNullable && isGreater === first.isGreater);
}

function renderRowComparison(places: readonly Place[], isInclusive: boolean): SqlFragment {
  const operator = comparisonOperator(places[0]?.isGreater === true, isInclusive);
  const cells = places.map(({ cell }) => cell);
  const values = places.map(({ value }) => value);
  if (places.length === 1) return sql`(${join(cells, sql``)} ${operator} ${join(values, sql``)})`;
  return sql`((${join(cells, sql`, `)}) ${operator} (${join(values, sql`, `)}))`;
}

/** Equal in the first places, beyond in the next. */
function renderByCases(places: readonly Place[], isInclusive: boolean): SqlFragment {
  const cases = places.map((place, index) =>
    all([...places.slice(0, index).map(renderSame), renderBeyondAt(place)]),
  );
  if (isInclusive) cases.push(all(places.map(renderSame)));
  return sql`(${join(cases, sql` or `)})`;
}

function all(conditions: readonly SqlFragment[]): SqlFragment {
  return sql`(${join(conditions, sql` and `)})`;
}

function renderSame({ cell, value, isNullable }: Place): SqlFragment {
  return isNullable ? sql`(${cell} is not distinct from ${value})` : sql`(${cell} = ${value})`;
}

function renderBeyondAt({ cell, value, isGreater, isNullable, nullsAreBeyond }: Place): SqlFragment {
  const compared = sql`${cell} ${comparisonOperator(isGreater, false)} ${value}`;
  if (!isNullable) return sql`(${compared})`;
  return nullsAreBeyond
    ? sql`(${compared} or (${cell} is null and ${value} is not null))`
    : sql`(${compared} or (${cell} is not null and ${value} is null))`;
}

function comparisonOperator(isGreater: boolean, isInclusive: boolean): SqlFragment {
  if (isInclusive) return isGreater ? sql`>=` : sql`<=`;
  return isGreater ? sql`>` : sql`<`;
}
