/** Random writes of who sees rows and cells in part only, and what is stored and answered then. */
import fc from 'fast-check';
import type { JsonLike } from '../../support/project.ts';
import {
  type Cell,
  type Condition,
  judge,
  type Row,
  small,
  type World,
  word,
} from '../mutations/condition.ts';
import { type ReaderRules, seenRows, shownCells } from './rules.ts';

export type Write =
  | { readonly kind: 'insert'; readonly rows: readonly Row[] }
  | { readonly kind: 'update'; readonly where: Condition; readonly set: Row }
  | { readonly kind: 'delete'; readonly where: Condition };

/** Columns that the role may name. */
export function namedColumns({ task }: ReaderRules): readonly string[] {
  const names = ['id', 'owner', 'team', 'state', 'size'];
  return names.filter((name) => task.some(({ columns }) => columns.includes(name)));
}

/**
 * Rules of one role of which some show no rows, or the same rows as others, are taken for fewer rules (`simplifySelect`), which makes a difference on written rows that none of
 * them shows. Of these it is not tried to say what is shown there.
 */
export function areDistinct({ task, origin }: ReaderRules): boolean {
  if (origin !== 'rules' && task.length > 1) return true;
  const texts = task.map(({ filter }) => JSON.stringify(filter));
  const bare = new Set(texts.map((text) => text.replaceAll(/"_(?:and|or|not)":|[[\]{}]/g, '')));
  return task.length === 1 || (bare.size === task.length && !texts.some((text) => /\{\}|\[\]/.test(text)));
}

const cellOf = (name: string): fc.Arbitrary<Cell> => fc.option<Cell>(name === 'state' ? word : small);

function cells(names: readonly string[]): fc.Arbitrary<Row> {
  return fc
    .record(Object.fromEntries(names.map((name) => [name, cellOf(name)])), { requiredKeys: [] })
    .map((row) => ({ ...(row as Row) }));
}

/** On cells of the row itself. */
function condition(names: readonly string[], depth = 2): fc.Arbitrary<Condition> {
  if (names.length === 0) return fc.constant({});
  const leaf = fc.oneof(
    fc
      .constantFrom(...names)
      .chain((name) =>
        fc
          .tuple(
            fc.constantFrom('_eq', '_neq', '_gt', '_lt', '_gte', '_lte'),
            name === 'state' ? word : small,
          )
          .map(([operator, value]): Condition => ({ [name]: { [operator]: value } })),
      ),
    fc
      .tuple(fc.constantFrom(...names), fc.boolean())
      .map(([name, isNull]): Condition => ({ [name]: { _is_null: isNull } })),
    fc.constant<Condition>({}),
  );
  if (depth === 0) return leaf;
  const deeper = condition(names, depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(deeper, { maxLength: 2 }).map((each): Condition => ({ _or: each })) },
    { weight: 1, arbitrary: fc.array(deeper, { maxLength: 2 }).map((each): Condition => ({ _and: each })) },
    { weight: 1, arbitrary: deeper.map((each): Condition => ({ _not: each })) },
  );
}

export function writesOf(rules: ReaderRules): fc.Arbitrary<Write> {
  const where = condition(namedColumns(rules));
  const all = ['id', 'owner', 'team', 'state', 'size'];
  return fc.oneof(
    fc.record({
      kind: fc.constant('insert' as const),
      rows: fc
        .array(cells(all), { minLength: 1, maxLength: 2 })
        .map((rows) => rows.map((row, index): Row => ({ ...row, uid: 100 + index }))),
    }),
    fc.record({
      kind: fc.constant('update' as const),
      where,
      set: cells(all).filter((set) => Object.keys(set).length > 0),
    }),
    fc.record({ kind: fc.constant('delete' as const), where }),
  );
}

export function requestFor(
  write: Write,
  rules: ReaderRules,
): { readonly document: string; readonly variables: Record<string, JsonLike> } {
  const label = rules.task.some(({ showsLabel }) => showsLabel) ? ' label' : '';
  const related = rules.team.length > 0 ? ' team_of { uid }' : '';
  const answer = `{ affected_rows returning { uid ${namedColumns(rules).join(' ')}${label}${related} } }`;
  switch (write.kind) {
    case 'insert':
      return {
        document: `mutation ($rows: [task_insert_input!]!) { done: insert_task(objects: $rows) ${answer} }`,
        variables: { rows: write.rows },
      };
    case 'update':
      return {
        document: `mutation ($where: task_bool_exp!, $set: task_set_input) { done: update_task(where: $where, _set: $set) ${answer} }`,
        variables: { where: write.where, set: write.set },
      };
    case 'delete':
      return {
        document: `mutation ($where: task_bool_exp!) { done: delete_task(where: $where) ${answer} }`,
        variables: { where: write.where },
      };
  }
}

export interface Answer {
  readonly affected_rows: number;
  readonly returning: readonly Readonly<Record<string, unknown>>[];
}

/** The rows of `returning` in the order of their numbers. */
export function outcomeOf(
  write: Write,
  rules: ReaderRules,
  world: World,
  user: number,
): { readonly answer: Answer; readonly task: readonly Row[] } {
  const isMeant = (row: Row) =>
    write.kind !== 'insert' &&
    judge(write.where, 'task', shownCells(rules.task, row, world, user).cells, { world, user }) === true;
  const written: Row[] = [];
  const stored: Row[] = [];
  for (const row of world.task) {
    if (!isMeant(row)) {
      stored.push(row);
      continue;
    }
    const after: Row = write.kind === 'update' ? { ...row, ...write.set } : row;
    written.push(after);
    if (write.kind === 'update') stored.push(after);
  }
  if (write.kind === 'insert') {
    const empty = { id: null, owner: null, team: null, state: null, size: null };
    written.push(...write.rows.map((row) => ({ ...empty, ...row })));
    stored.push(...written);
  }
  // what is answered is looked up when all is written
  const afterwards: World = { ...world, task: stored };
  const teams = seenRows(rules, afterwards, user).team;
  const showsLabel = rules.task.some((rule) => rule.showsLabel);
  const returning = written
    .map((row) => {
      const { cells: shown, label } = shownCells(rules.task, row, afterwards, user);
      const named = namedColumns(rules).map((name) => [name, shown[name] ?? null]);
      const team = teams.find((each) => each['_id'] !== null && each['_id'] === row['team']);
      return {
        uid: row['uid'] ?? null,
        ...Object.fromEntries(named),
        ...(showsLabel ? { label } : {}),
        ...(rules.team.length > 0 ? { team_of: team === undefined ? null : { uid: team['uid'] } } : {}),
      };
    })
    .sort(byNumber);
  return { answer: { affected_rows: written.length, returning }, task: [...stored].sort(byNumber) };
}

export function byNumber(one: { readonly uid?: unknown }, other: { readonly uid?: unknown }): number {
  return Number(one.uid) - Number(other.uid);
}
