import type { OrderByEntry, RowSelection, SelectedItem, SelectRequest } from '../metadata/index.ts';
import type { TrackedRelationship, TrackedTable } from '../model/index.ts';
import {
  always,
  type ColumnPair,
  denyComputedField,
  denyRelationship,
  isGeographyType,
  isGeometryType,
  type Relationship,
  type SelectRule,
} from '../permissions/index.ts';
import {
  columnOperand,
  computedOperand,
  formatOf,
  integerValue,
  type OrderExpression,
  type OrderItem,
  type OutputItem,
  type RowsSelect,
} from '../plan/index.ts';
import { type Path, RequestError } from '../support/index.ts';
import { grantOf, type TableReader } from './reader.ts';

/** How many members the rows of one answer may have, nested ones included: stars after stars multiply. */
const maximumMembers = 10_000;
/** How deep relationships may be nested. */
const maximumDepth = 50;

/** Source: spec/metadata-api.md 5.2. */
export function planSelect(request: SelectRequest, reader: TableReader): RowsSelect {
  const table = reader.table(request.table, reader.path.child('table'));
  const rule = reader.require(table, 'select');
  const planner = new SelectPlanner(reader);
  const place = { table, rule, path: reader.path, depth: 0 };
  planner.findRelationships(request.selection, place);
  return planner.rows(request.selection, place, null);
}

interface Place {
  readonly table: TrackedTable;
  readonly rule: SelectRule;
  /** Of the object that the selection is. */
  readonly path: Path;
  readonly depth: number;
}

class SelectPlanner {
  readonly #reader: TableReader;
  #members = 0;

  constructor(reader: TableReader) {
    this.#reader = reader;
  }

  /**
   * All that is named as a relationship must be one that the role may follow: asked before anything else, at all depths. Items are counted as
   * they were given here, without the stars later on.
   * @throws RequestError
   */
  findRelationships({ columns }: RowSelection, place: Place): void {
    for (const [index, item] of columns.entries()) {
      if (item.kind !== 'relationship') continue;
      const path = place.path.child('columns', index);
      const relationship = relationshipNamed(place.table, item.name, path.child('name'));
      const rule = this.#selectRuleOf(relationship, path);
      const inner = this.#descend(place, { table: this.#reader.related(relationship), rule, path });
      this.findRelationships(item.selection, inner);
    }
  }

  /** `via` is null at the root. */
  rows(selection: RowSelection, place: Place, via: Relationship | null): RowsSelect {
    const { table, rule, path } = place;
    const isObject = via?.kind === 'object';
    const { where, orderBy, limit, offset } = selection;
    const condition = where === null ? always : this.#reader.where(where, table, path.child('where'));
    const output = this.#output(selection.columns, place);
    const set = {
      rows: rule.rows,
      join: via?.mapping ?? [],
      where: condition,
      distinctOn: [],
      orderBy: (orderBy ?? []).map((entry, index) =>
        this.#orderItem(entry, place, path.child('order_by', index)),
      ),
      limit: limit === null ? null : count(limit, path.child('limit')),
      offset: offset === null ? null : count(offset, path.child('offset')),
    };
    if (isObject && [where, orderBy, limit, offset].some((part) => part !== null)) {
      throw new RequestError(
        'unexpected-payload',
        path,
        "when selecting an 'obj_relationship' 'where', 'order_by', 'limit' and 'offset'  can't be used",
      );
    }
    return {
      kind: 'rows',
      set,
      cardinality: isObject ? 'one' : 'list',
      permissionLimit: isObject ? null : rule.limit,
      output,
      stream: null,
    };
  }

  /** What is named comes first, then what the widest star adds. */
  #output(items: readonly SelectedItem[], place: Place): readonly OutputItem[] {
    const path = place.path.child('columns');
    const named = items.filter((item) => item.kind !== 'star');
    const output = new Map<string, OutputItem>();
    const names = new Set<string>();
    for (const [index, item] of named.entries()) {
      const member =
        item.kind === 'column'
          ? this.#value(item.name, place, path.child(index))
          : this.#related(item, place, path.child(index));
      names.add(item.name);
      output.set(member.key, member);
    }
    const depth = Math.max(0, ...items.map((item) => (item.kind === 'star' ? item.depth : 0)));
    if (depth > 0) {
      for (const member of this.#everything(depth, place)) {
        if (!names.has(member.key) && !output.has(member.key)) output.set(member.key, member);
      }
    }
    return [...output.values()];
  }

  /** `"*"`: all columns that the role sees. Each further `.*`: the same of all tables that relationships lead to. */
  #everything(depth: number, place: Place): readonly OutputItem[] {
    const { table, rule, path } = place;
    const columns = [...rule.columns.keys()].map((name) => this.#value(name, place, path));
    if (depth === 1) return columns;
    const related = [...table.relationships.values()].flatMap((relationship): readonly OutputItem[] => {
      const target = this.#reader.related(relationship);
      const { select } = this.#reader.rules(target);
      if (select === null) return [];
      const selection = { ...plainSelection, columns: [{ kind: 'star' as const, depth: depth - 1 }] };
      const inner = this.#descend(place, { table: target, rule: select, path });
      return [{ key: relationship.name, kind: 'select', select: this.rows(selection, inner, relationship) }];
    });
    return [...columns, ...related];
  }

  #value(name: string, { table, rule }: Place, path: Path): OutputItem {
    this.#spend(path);
    const { options } = this.#reader;
    const field = table.computedFields.get(name);
    if (field !== undefined && field.returns.kind === 'scalar' && !table.columns.has(name)) {
      const grant = rule.computedFields.get(name);
      if (grant === undefined) {
        throw new RequestError('permission-denied', path, denyComputedField(rule.role, name));
      }
      if (field.arguments.some(({ hasDefault }) => !hasDefault)) {
        throw new RequestError(
          'unexpected-payload',
          path,
          `computed field "${name}" with input arguments can't be selected`,
        );
      }
      const operand = computedOperand(
        grant,
        field.arguments.map(() => null),
      );
      return {
        key: name,
        kind: 'value',
        operand,
        jsonPath: null,
        format: formatOf(field.returns.type, { options }),
      };
    }
    const grant = grantOf(rule, name, path);
    return {
      key: name,
      kind: 'value',
      operand: columnOperand(grant),
      jsonPath: null,
      format: formatOf(grant.column.type, { options }),
    };
  }

  #related(
    { name, alias, selection }: Extract<SelectedItem, { kind: 'relationship' }>,
    place: Place,
    path: Path,
  ): OutputItem {
    this.#spend(path);
    const relationship = relationshipNamed(place.table, name, path.child('name'));
    const rule = this.#selectRuleOf(relationship, path);
    const inner = this.#descend(place, { table: this.#reader.related(relationship), rule, path });
    return { key: alias ?? name, kind: 'select', select: this.rows(selection, inner, relationship) };
  }

  #selectRuleOf(relationship: TrackedRelationship, path: Path): SelectRule {
    const rule = this.#reader.rules(this.#reader.related(relationship)).select;
    if (rule !== null) return rule;
    throw new RequestError(
      'permission-denied',
      path,
      denyRelationship(this.#reader.role, relationship.name, relationship.target),
    );
  }

  #orderItem({ path: names, direction, nulls }: OrderByEntry, place: Place, path: Path): OrderItem {
    const isDescending = direction === 'desc';
    return {
      by: this.#orderExpression(names, place, path),
      direction: isDescending ? 'desc' : 'asc',
      nulls: nulls ?? (isDescending ? 'first' : 'last'),
    };
  }

  #orderExpression(names: readonly string[], { table, rule }: Place, path: Path): OrderExpression {
    const [name, ...rest] = names;
    if (name === undefined) throw new RequestError('unexpected-payload', path, 'nothing to order by');
    const refuse = (message: string) => new RequestError('unexpected-payload', path, `"${name}" ${message}`);
    if (table.columns.has(name)) {
      if (rest.length > 0) throw refuse('is a Postgres column and cannot be chained further');
      const grant = grantOf(rule, name, path);
      if (isGeometryType(grant.column.type) || isGeographyType(grant.column.type)) {
        throw refuse("has type 'geometry' and cannot be used in order_by");
      }
      return { kind: 'operand', operand: columnOperand(grant) };
    }
    if (table.computedFields.has(name)) {
      throw refuse("is a computed field and can't be used in 'order_by'");
    }
    const relationship = table.relationships.get(name);
    if (relationship === undefined) throw new RequestError('not-exists', path, `"${name}" does not exist`);
    if (rest.length === 0) throw refuse('is a relationship and should be expanded');
    if (relationship.kind === 'array') {
      throw refuse("is an array relationship and can't be used in 'order_by'");
    }
    const target = this.#selectRuleOf(relationship, path);
    const inner = { table: this.#reader.related(relationship), rule: target, path, depth: 0 };
    const mapping: readonly ColumnPair[] = relationship.mapping;
    return {
      kind: 'related',
      rows: target.rows,
      join: mapping,
      by: this.#orderExpression(rest, inner, path),
    };
  }

  #descend(outer: Place, inner: Omit<Place, 'depth'>): Place {
    if (outer.depth >= maximumDepth) {
      throw new RequestError(
        'not-supported',
        inner.path,
        `relationships are nested more than ${maximumDepth} levels deep`,
      );
    }
    return { ...inner, depth: outer.depth + 1 };
  }

  #spend(path: Path): void {
    this.#members++;
    if (this.#members <= maximumMembers) return;
    throw new RequestError('not-supported', path, `more than ${maximumMembers} columns are selected`);
  }
}

const plainSelection = { where: null, orderBy: null, limit: null, offset: null };

function relationshipNamed(table: TrackedTable, name: string, path: Path) {
  const relationship = table.relationships.get(name);
  if (relationship !== undefined) return relationship;
  if (!table.columns.has(name) && !table.computedFields.has(name)) {
    throw new RequestError('not-exists', path, `relationship "${name}" does not exist`);
  }
  // so it is called, whatever else it is
  throw new RequestError(
    'unexpected-payload',
    path,
    `expecting a relationship; but, "${name}" is a postgres column; only relationships can be expanded`,
  );
}

function count(value: number, path: Path) {
  if (value < 0) throw new RequestError('not-supported', path, 'unexpected negative value');
  return integerValue(value);
}
