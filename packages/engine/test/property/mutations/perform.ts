/**
 * What a mutation of a role does to rows in memory, written from spec/permissions.md 2.5, 2.6, 6.2 and 6.4 and not from the engine. Several rules for one operation mean
 * what `InsertRule.alternatives` and its siblings promise: the columns choose among them, then the row.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type Cell,
  type Condition,
  judge,
  type Row,
  type Standing,
  type TableName,
  tables,
  type World,
} from './condition.ts';
import type { Cells, Change, Conflict, Operation } from './operations.ts';
import { type InsertRule, openColumns, type Presets, type RoleRules, type UpdateRule } from './rules.ts';

/** Rows as `returning` shows them, by their keys. */
export type Answer = Row | null | { readonly affected_rows: number; readonly returning: readonly Row[] };

/** Whether a check that is NULL lets the row pass. */
export type NullChecks = 'fail' | 'pass';

export type Outcome =
  | {
      readonly kind: 'done';
      readonly world: World;
      readonly answers: readonly (Answer | readonly Answer[])[];
    }
  | { readonly kind: 'refused'; readonly code: string };

/** All operations of one request: all of them, or none. */
export function perform(
  operations: readonly Operation[],
  rules: RoleRules,
  world: World,
  user: number,
  nullChecks: NullChecks = 'fail',
): Outcome {
  const run = new Run(rules, world, user, nullChecks);
  try {
    // Which rule is used is known before anything runs.
    for (const operation of operations) run.choose(operation);
    return {
      kind: 'done',
      answers: operations.map((operation) => run.perform(operation)),
      world: run.world,
    };
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', code: error.code };
    throw error;
  }
}

const skipping: Conflict = { columns: [], where: {} };

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

class Run {
  world: World;
  readonly #rules: RoleRules;
  readonly #user: number;

  readonly #nullChecks: NullChecks;

  constructor(rules: RoleRules, world: World, user: number, nullChecks: NullChecks) {
    this.#nullChecks = nullChecks;
    this.#rules = rules;
    this.world = world;
    this.#user = user;
  }

  choose(operation: Operation): void {
    switch (operation.kind) {
      case 'insert':
        insertRulesFor(
          this.#rules.task.insert,
          operation.rows.map(({ cells }) => cells),
        );
        for (const { team } of operation.rows)
          if (team !== null) insertRulesFor(this.#rules.team.insert, [team.cells]);
        this.#chooseForConflict(operation.conflict);
        return;
      case 'insert-teams':
        insertRulesFor(
          this.#rules.team.insert,
          operation.rows.map(({ cells }) => cells),
        );
        for (const { tasks } of operation.rows) {
          if (tasks === null) continue;
          this.#chooseForConflict(tasks.conflict);
          if (tasks.rows.length > 0) insertRulesFor(this.#rules.task.insert, tasks.rows);
        }
        return;
      case 'update':
      case 'update-by-pk':
        updateRulesFor(this.#rules.task.update, columnsOf(operation.change));
        return;
      case 'update-many':
        for (const { change } of operation.updates)
          updateRulesFor(this.#rules.task.update, columnsOf(change));
        return;
      default:
        return;
    }
  }

  perform(operation: Operation): Answer | readonly Answer[] {
    switch (operation.kind) {
      case 'insert': {
        const rules = insertRulesFor(
          this.#rules.task.insert,
          operation.rows.map(({ cells }) => cells),
        );
        const written: Row[] = [];
        let affected = 0;
        if (operation.rows.every(({ team }) => team === null)) {
          written.push(
            ...this.#insert(
              'task',
              operation.rows.map(({ cells }) => cells),
              rules,
              operation.conflict,
            ),
          );
        } else {
          for (const { cells, team } of operation.rows) {
            let fixed: Cells = {};
            if (team !== null) {
              const ofTeam = insertRulesFor(this.#rules.team.insert, [team.cells]);
              const conflict = team.skipsConflicts ? skipping : null;
              const [parent] = this.#insert('team', [team.cells], ofTeam, conflict);
              if (parent === undefined) throw new Refused('not-supported');
              affected++;
              fixed = { team: parent['id'] ?? null };
            }
            written.push(...this.#insert('task', [{ ...cells, ...fixed }], rules, operation.conflict));
          }
        }
        affected += written.length;
        return operation.isSingle
          ? (written[0] ?? null)
          : { ...responseOf(written), affected_rows: affected };
      }
      case 'insert-teams': {
        const rows = operation.rows.map(({ cells }) => cells);
        const rules = insertRulesFor(this.#rules.team.insert, rows);
        const hasTasks = operation.rows.some(({ tasks }) => (tasks?.rows ?? []).length > 0);
        const conflict = operation.skipsConflicts ? skipping : null;
        if (!hasTasks) return responseOf(this.#insert('team', rows, rules, conflict));
        const written: Row[] = [];
        let affected = 0;
        for (const { cells, tasks } of operation.rows) {
          const [parent] = this.#insert('team', [cells], rules, conflict);
          if (parent !== undefined) written.push(parent);
          if (tasks === null || tasks.rows.length === 0) continue;
          if (parent === undefined) throw new Refused('not-supported');
          const children = tasks.rows.map((task) => ({ ...task, team: parent['id'] ?? null }));
          const ofChildren = insertRulesFor(this.#rules.task.insert, tasks.rows);
          affected += this.#insert('task', children, ofChildren, tasks.conflict).length;
        }
        return { ...responseOf(written), affected_rows: affected + written.length };
      }
      case 'update':
        return responseOf(this.#update(operation.where, operation.change));
      case 'update-by-pk':
        return this.#update({ id: { _eq: operation.id } }, operation.change)[0] ?? null;
      case 'update-many':
        return operation.updates.map(({ where, change }) => responseOf(this.#update(where, change)));
      case 'delete':
        return responseOf(this.#delete(operation.where));
      case 'delete-by-pk':
        return this.#delete({ id: { _eq: operation.id } })[0] ?? null;
    }
  }

  #chooseForConflict(conflict: Conflict | null): void {
    if (conflict !== null && conflict.columns.length > 0) {
      updateRulesFor(this.#rules.task.update, conflict.columns);
    }
  }

  /** One statement: conditions see the other rows as they were before it. */
  #insert(
    table: TableName,
    rows: readonly Cells[],
    rules: readonly InsertRule[],
    conflict: Conflict | null = null,
  ): readonly Row[] {
    const standing = this.#standing();
    const stored = new Map(this.world[table].map((row) => [row['id'], row]));
    const written = new Map<Cell | undefined, { readonly row: Row; readonly passes: boolean }>();
    const presets = this.#valuesOf(rules[0]?.set ?? {});
    const passesInsert = (row: Row) => rules.some(({ check }) => this.#passes(check, table, row, standing));
    for (const cells of rows) {
      const row: Row = { ...tables[table].defaults, ...cells, ...presets };
      const id = row['id'];
      const before = stored.get(id);
      if (before === undefined && !written.has(id)) {
        written.set(id, { row, passes: passesInsert(row) });
        continue;
      }
      if (conflict === null) throw new Refused('constraint-violation');
      if (conflict.columns.length === 0) continue;
      if (written.has(id) || before === undefined) throw new Refused('unexpected');
      const ways = upsertRulesFor(this.#rules.task.update, conflict.columns);
      const isAdmitted =
        ways.some(({ filter }) => judge(filter, table, before, standing) === true) &&
        judge(conflict.where, table, before, standing) === true;
      if (!isAdmitted) continue;
      const taken = Object.fromEntries(conflict.columns.map((name) => [name, row[name] ?? null]));
      const after: Row = { ...before, ...taken, ...this.#valuesOf(ways[0]?.set ?? {}) };
      const check = ways[0]?.check ?? null;
      written.set(id, {
        row: after,
        passes: check === null ? passesInsert(after) : this.#passes(check, table, after, standing),
      });
    }
    if ([...written.values()].some(({ passes }) => !passes)) throw new Refused('permission-error');
    for (const [id, { row }] of written) stored.set(id, row);
    this.world = { ...this.world, [table]: [...stored.values()] };
    return [...written.values()].map(({ row }) => row);
  }

  #update(where: Condition, change: Change): readonly Row[] {
    const standing = this.#standing();
    const classes = groupsOf(updateRulesFor(this.#rules.task.update, columnsOf(change)), (one, other) =>
      isDeepStrictEqual(one.set, other.set),
    );
    const written: Row[] = [];
    const rows = this.world.task.map((before) => {
      if (judge(where, 'task', before, standing) !== true) return before;
      const admits = ({ filter }: UpdateRule) => judge(filter, 'task', before, standing) === true;
      const used = classes.find((rules) => rules.some(admits))?.filter(admits);
      if (used === undefined) return before;
      const sums = Object.entries(change.inc).map(([name, number]): [string, Cell] => {
        const old = before[name] ?? null;
        return [name, old === null ? null : Number(old) + number];
      });
      const after: Row = {
        ...before,
        ...change.set,
        ...Object.fromEntries(sums),
        ...this.#valuesOf(used[0]?.set ?? {}),
      };
      const passes = used.some(({ check }) => check === null || this.#passes(check, 'task', after, standing));
      if (!passes) throw new Refused('permission-error');
      written.push(after);
      return after;
    });
    this.world = { ...this.world, task: rows };
    return written;
  }

  #delete(where: Condition): readonly Row[] {
    const standing = this.#standing();
    const isGone = (row: Row) =>
      judge(where, 'task', row, standing) === true &&
      this.#rules.task.delete.some(({ filter }) => judge(filter, 'task', row, standing) === true);
    const gone = this.world.task.filter(isGone);
    this.world = { ...this.world, task: this.world.task.filter((row) => !gone.includes(row)) };
    return gone;
  }

  #passes(check: Condition, table: TableName, row: Row, standing: Standing): boolean {
    const truth = judge(check, table, row, standing);
    return truth === true || (truth === null && this.#nullChecks === 'pass');
  }

  #standing(): Standing {
    return { world: this.world, user: this.#user };
  }

  #valuesOf(presets: Presets): Cells {
    return Object.fromEntries(
      Object.entries(presets).map(([name, value]) => [
        name,
        value === 'X-Hasura-User-Id' ? this.#user : value,
      ]),
    );
  }
}

function responseOf(rows: readonly Row[]): { affected_rows: number; returning: readonly Row[] } {
  return { affected_rows: rows.length, returning: byKey(rows) };
}

export function byKey(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((one, other) => Number(one['id']) - Number(other['id']));
}

function columnsOf({ set, inc }: Change): readonly string[] {
  return [...Object.keys(set), ...Object.keys(inc)];
}

/** The rules that list all the columns of any row, and whose presets are those of the first of them. */
function insertRulesFor(rules: readonly InsertRule[], rows: readonly Cells[]): readonly InsertRule[] {
  const given = [...new Set(rows.flatMap((cells) => Object.keys(cells)))];
  const candidates = listing(rules, given);
  return candidates.filter(({ set }) => isDeepStrictEqual(set, candidates[0]?.set));
}

function updateRulesFor(rules: readonly UpdateRule[], columns: readonly string[]): readonly UpdateRule[] {
  return listing(rules, columns);
}

/** An upsert cannot choose by the row: the first rule is used, and those that differ from it in the filter only. */
function upsertRulesFor(rules: readonly UpdateRule[], columns: readonly string[]): readonly UpdateRule[] {
  const candidates = listing(rules, columns);
  return candidates.filter(
    ({ set, check }) =>
      isDeepStrictEqual(set, candidates[0]?.set) && isDeepStrictEqual(check, candidates[0]?.check),
  );
}

function listing<R extends { readonly columns: readonly string[] }>(
  rules: readonly R[],
  given: readonly string[],
): readonly R[] {
  const candidates = rules.filter((rule) => given.every((name) => openColumns([rule]).includes(name)));
  if (candidates.length === 0) throw new Refused('permission-error');
  return candidates;
}

function groupsOf<T>(items: readonly T[], belong: (one: T, other: T) => boolean): readonly (readonly T[])[] {
  const groups: T[][] = [];
  for (const item of items) {
    const group = groups.find(([first]) => first !== undefined && belong(first, item));
    if (group === undefined) groups.push([item]);
    else group.push(item);
  }
  return groups;
}
