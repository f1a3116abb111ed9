/** Random select rules of roles, and what such a role sees: a second copy of the tables that holds nothing else. */
import fc from 'fast-check';
import { type JsonLike, sourceOf } from '../../support/project.ts';
import {
  type Cell,
  type Condition,
  condition,
  judge,
  type Row,
  type TableName,
  type World,
} from '../mutations/condition.ts';

export interface SelectRule {
  readonly columns: readonly string[];
  readonly showsLabel: boolean;
  readonly filter: Condition;
  readonly limit: number | null;
  readonly aggregates: boolean;
}

/** Several rules for one table are alternatives; none: the role does not see the table. */
export interface ReaderRules {
  readonly task: readonly SelectRule[];
  readonly team: readonly SelectRule[];
  /** Whether the rules are one role's, or each a parent's, of whom the first two may have an heir in between. */
  readonly origin: 'rules' | 'parents' | 'grandparents';
}

const columnNames = {
  task: ['id', 'owner', 'team', 'state', 'size'],
  team: ['id', 'lead', 'grade'],
} as const;

function selectRule(table: TableName): fc.Arbitrary<SelectRule> {
  return fc.record({
    columns: fc.subarray<string>([...columnNames[table]]),
    showsLabel: fc.boolean(),
    filter: condition(table, 'rule'),
    limit: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 2 }),
    aggregates: fc.nat({ max: 2 }).map((number) => number > 0),
  });
}

export const readerRules: fc.Arbitrary<ReaderRules> = fc.record({
  task: fc.array(selectRule('task'), { minLength: 1, maxLength: 3 }),
  team: fc.array(selectRule('team'), { minLength: 0, maxLength: 3 }),
  origin: fc.constantFrom('rules', 'parents', 'grandparents'),
});

export function readerName(index: number): string {
  return `reader_${index}`;
}

/** The tables as they are, and those that hold only what one role sees; a column that relationships and functions look at is there once more, complete. */
export const tablesOf = {
  real: `
    create table team (uid int, id int, lead int, grade int);
    create table task (uid int, id int, owner int, team int, state text collate "C", size int);
    create function task_label(task) returns text language sql stable as $$ select coalesce($1.state, '-') || coalesce($1.size::text, '-') $$;
    create function large_tasks(team) returns setof task language sql stable as $$ select * from task where team = $1.id and size >= $1.grade order by uid $$;
    create function find_tasks(smallest int) returns setof task language sql stable as $$ select * from task where size >= smallest order by uid $$;`,
  seen: `
    create table team (uid int, id int, lead int, grade int, _id int, _grade int);
    create table task (uid int, id int, owner int, team int, state text collate "C", size int, _team int, _size int, _label text);
    create function task_label(task) returns text language sql stable as $$ select $1._label $$;
    create function large_tasks(team) returns setof task language sql stable as $$ select * from task where _team = $1._id and _size >= $1._grade order by uid $$;
    create function find_tasks(smallest int) returns setof task language sql stable as $$ select * from task where _size >= smallest order by uid $$;`,
};

/** The rows and cells that a role sees, the label of a task among them. */
export function seenRows(rules: ReaderRules, world: World, user: number): World {
  const see = (table: TableName): readonly Row[] =>
    world[table].flatMap((row): Row[] => {
      const admitting = rules[table].filter(
        ({ filter }) => judge(filter, table, row, { world, user }) === true,
      );
      if (admitting.length === 0) return [];
      const shown = (name: string): Cell =>
        admitting.some(({ columns }) => columns.includes(name)) ? (row[name] ?? null) : null;
      const cells = Object.fromEntries(columnNames[table].map((name) => [name, shown(name)]));
      const common = { uid: row['uid'] ?? null, ...cells };
      if (table === 'team') return [{ ...common, _id: row['id'] ?? null, _grade: row['grade'] ?? null }];
      return [
        {
          ...common,
          _team: row['team'] ?? null,
          _size: row['size'] ?? null,
          _label: admitting.some(({ showsLabel }) => showsLabel) ? labelOf(row) : null,
        },
      ];
    });
  return { task: see('task'), team: see('team') };
}

/**
 * What an answer about rows that were written shows of one of them, whether or not the role may select it: what all rules list, and of the rest what those list that
 * admit the row.
 */
export function shownCells(
  rules: readonly SelectRule[],
  row: Row,
  world: World,
  user: number,
): { readonly cells: Row; readonly label: Cell } {
  const admitting = rules.filter(({ filter }) => judge(filter, 'task', row, { world, user }) === true);
  const isShown = (lists: (rule: SelectRule) => boolean) => rules.every(lists) || admitting.some(lists);
  const cells = columnNames.task.map((name): [string, Cell] => [
    name,
    isShown(({ columns }) => columns.includes(name)) ? (row[name] ?? null) : null,
  ]);
  return {
    cells: { uid: row['uid'] ?? null, ...Object.fromEntries(cells) },
    label: isShown(({ showsLabel }) => showsLabel) ? labelOf(row) : null,
  };
}

function labelOf(row: Row): string {
  return `${row['state'] ?? '-'}${row['size'] ?? '-'}`;
}

/** The metadata over the tables as they are, with the rules; or over those that hold what is seen, where every role sees everything of its columns. */
export function metadataFor(
  kind: 'real' | 'seen',
  roles: readonly ReaderRules[],
): { readonly [member: string]: JsonLike } {
  const permissions = { task: [] as JsonLike[], team: [] as JsonLike[] };
  const writers = new Set<string>();
  const inherited: JsonLike[] = [];
  roles.forEach((rules, index) => {
    const role = readerName(index);
    const grant = (table: TableName, to: string, of: readonly SelectRule[]) => {
      if (of.length === 0) return;
      if (table === 'task') writers.add(to);
      const declared = of.map((rule) => permissionOf(table, rule));
      permissions[table].push({
        role: to,
        permission: (declared.length === 1 ? declared[0] : { rules: declared }) as JsonLike,
      });
    };
    if (kind === 'seen') {
      for (const table of ['task', 'team'] as const) {
        if (rules[table].length > 0) grant(table, role, [everything(rules[table])]);
      }
      return;
    }
    const parents = Math.max(rules.task.length, rules.team.length);
    if (rules.origin === 'rules' || parents < 2) {
      for (const table of ['task', 'team'] as const) grant(table, role, rules[table]);
      return;
    }
    const names = Array.from({ length: parents }, (_, parent) => `${role}_${parent}`);
    names.forEach((name, parent) => {
      for (const table of ['task', 'team'] as const) {
        const rule = rules[table][parent];
        if (rule !== undefined) grant(table, name, [rule]);
      }
    });
    const [first = '', second = '', ...others] = names;
    if (rules.origin === 'grandparents' && others.length > 0) {
      const between = `${role}_between`;
      inherited.push({ role_name: role, role_set: [between, ...others] });
      inherited.push({ role_name: between, role_set: [first, second] });
    } else {
      inherited.push({ role_name: role, role_set: names });
    }
  });
  const key = (name: string) => (kind === 'seen' ? `_${name}` : name);
  const manual = (name: string, to: TableName, mapping: JsonLike): JsonLike => ({
    name,
    using: {
      manual_configuration: { remote_table: { schema: 'public', name: to }, column_mapping: mapping },
    },
  });
  const computed = (name: string, fn: string): JsonLike => ({
    name,
    definition: { function: { schema: 'public', name: fn } },
  });
  // who sees tasks may write any; parents agree, so that heirs may, too
  const allowing = (permission: JsonLike): JsonLike[] => [...writers].map((role) => ({ role, permission }));
  const source = sourceOf([
    {
      table: 'task',
      object_relationships: [manual('team_of', 'team', { [key('team')]: key('id') })],
      computed_fields: [computed('label', 'task_label')],
      select_permissions: permissions.task,
      insert_permissions: allowing({ columns: [...columnNames.task, 'uid'], check: {} }),
      update_permissions: allowing({ columns: columnNames.task, filter: {} }),
      delete_permissions: allowing({ filter: {} }),
    },
    {
      table: 'team',
      array_relationships: [manual('tasks', 'task', { [key('id')]: key('team') })],
      computed_fields: [computed('large', 'large_tasks')],
      select_permissions: permissions.team,
    },
  ]);
  const functions = [{ function: { schema: 'public', name: 'find_tasks' } }];
  return { inherited_roles: inherited, sources: [{ ...source, functions } as unknown as JsonLike] };
}

/** The number of a row is always shown, so that rows have an order. */
function permissionOf(table: TableName, rule: SelectRule): JsonLike {
  return {
    columns: ['uid', ...rule.columns],
    computed_fields: table === 'task' && rule.showsLabel ? ['label'] : [],
    filter: rule.filter,
    allow_aggregations: rule.aggregates,
    ...(rule.limit === null ? {} : { limit: rule.limit }),
  };
}

function everything(rules: readonly SelectRule[]): SelectRule {
  const limits = rules.map(({ limit }) => limit).filter((limit) => limit !== null);
  return {
    columns: [...new Set(rules.flatMap(({ columns }) => columns))],
    showsLabel: rules.some(({ showsLabel }) => showsLabel),
    filter: {},
    limit: limits.length === 0 ? null : Math.max(...limits),
    aggregates: rules.some(({ aggregates }) => aggregates),
  };
}
