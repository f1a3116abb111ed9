/** Random mutations that a role may write down, and their text. */
import fc from 'fast-check';
import type { JsonLike } from '../../support/project.ts';
import { type Cell, type Condition, condition, small, type TableName, word } from './condition.ts';
import { openColumns, type RoleRules } from './rules.ts';

export type Cells = Readonly<Record<string, Cell>>;

export interface TaskRow {
  readonly cells: Cells;
  /** A nested row that is written first, or left out where one has its key. */
  readonly team: { readonly cells: Cells; readonly skipsConflicts: boolean } | null;
}

export interface Conflict {
  readonly columns: readonly string[];
  readonly where: Condition;
}

export interface Change {
  readonly set: Cells;
  readonly inc: Readonly<Record<string, number>>;
}

export type Operation =
  | {
      readonly kind: 'insert';
      readonly isSingle: boolean;
      readonly rows: readonly TaskRow[];
      readonly conflict: Conflict | null;
    }
  | {
      readonly kind: 'insert-teams';
      readonly skipsConflicts: boolean;
      readonly rows: readonly {
        readonly cells: Cells;
        readonly tasks: { readonly rows: readonly Cells[]; readonly conflict: Conflict | null } | null;
      }[];
    }
  | { readonly kind: 'update'; readonly where: Condition; readonly change: Change }
  | { readonly kind: 'update-by-pk'; readonly id: number; readonly change: Change }
  | {
      readonly kind: 'update-many';
      readonly updates: readonly { readonly where: Condition; readonly change: Change }[];
    }
  | { readonly kind: 'delete'; readonly where: Condition }
  | { readonly kind: 'delete-by-pk'; readonly id: number };

const key = fc.integer({ min: 1, max: 8 });

function cellsOf(columns: readonly string[], omitted: readonly string[] = []): fc.Arbitrary<Cells> {
  const model: Record<string, fc.Arbitrary<Cell>> = {};
  for (const name of columns) {
    if (omitted.includes(name)) continue;
    model[name] = name === 'id' ? key : name === 'state' ? fc.option(word) : fc.option(small);
  }
  return fc
    .record(model, { requiredKeys: columns.includes('id') ? ['id'] : [] })
    .map((cells) => ({ ...(cells as Cells) }));
}

function changeOf(columns: readonly string[]): fc.Arbitrary<Change> {
  return fc
    .tuple(
      fc.subarray([...columns], { minLength: 1 }),
      fc.infiniteStream(fc.boolean()),
      fc.infiniteStream(small),
      word,
    )
    .chain(([chosen, isIncrement, numbers, text]) => {
      const set: Record<string, fc.Arbitrary<Cell>> = {};
      const inc: Record<string, number> = {};
      for (const name of chosen) {
        const increment = isIncrement.next().value && name !== 'state';
        const number = numbers.next().value ?? 1;
        if (increment) inc[name] = number;
        else set[name] = fc.constantFrom<Cell>(name === 'state' ? text : number, null);
      }
      return fc.record(set).map((given) => ({ set: { ...given }, inc }));
    });
}

/** What the role may ask; where several rules list different columns it may ask for too many of them. */
export function operationsOf(rules: RoleRules): fc.Arbitrary<readonly Operation[]> {
  const taskColumns = openColumns(rules.task.insert);
  const teamColumns = openColumns(rules.team.insert);
  const where = condition('task', 'client', 1);
  const changes = openColumns(rules.task.update);
  const conflict: fc.Arbitrary<Conflict | null> = fc.option(
    fc.record({ columns: fc.subarray([...changes]), where }),
  );
  const taskRow: fc.Arbitrary<TaskRow> = fc.oneof(
    { weight: 5, arbitrary: cellsOf(taskColumns).map((cells) => ({ cells, team: null })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(cellsOf(taskColumns, ['team']), cellsOf(teamColumns), fc.boolean())
        .map(([cells, team, skipsConflicts]) => ({ cells, team: { cells: team, skipsConflicts } })),
    },
  );
  const kinds: fc.Arbitrary<Operation>[] = [
    fc.record({
      kind: fc.constant('insert' as const),
      isSingle: fc.constant(false),
      rows: fc.array(taskRow, { minLength: 1, maxLength: 3 }),
      conflict,
    }),
    fc.record({
      kind: fc.constant('insert' as const),
      isSingle: fc.constant(true),
      rows: fc.array(taskRow, { minLength: 1, maxLength: 1 }),
      conflict,
    }),
    fc.record({
      kind: fc.constant('insert-teams' as const),
      skipsConflicts: fc.boolean(),
      rows: fc.array(
        fc.record({
          cells: cellsOf(teamColumns),
          tasks: fc.option(
            fc.record({ rows: fc.array(cellsOf(taskColumns, ['team']), { maxLength: 2 }), conflict }),
          ),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    fc.record({ kind: fc.constant('delete' as const), where }),
    fc.record({ kind: fc.constant('delete-by-pk' as const), id: key }),
  ];
  if (changes.length > 0) {
    const change = changeOf(changes);
    kinds.push(
      fc.record({ kind: fc.constant('update' as const), where, change }),
      fc.record({ kind: fc.constant('update' as const), where, change }),
      fc.record({ kind: fc.constant('update-by-pk' as const), id: key, change }),
      fc.record({
        kind: fc.constant('update-many' as const),
        updates: fc.array(fc.record({ where, change }), { minLength: 1, maxLength: 3 }),
      }),
    );
  }
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 3 });
}

// ---- text ------------------------------------------------------------------------------------------------------------------------

export interface RequestText {
  readonly document: string;
  readonly variables: Record<string, JsonLike>;
}

/** The request; its inputs stand in it or come as variables. */
export function requestOf(operations: readonly Operation[], asVariables: boolean): RequestText {
  const variables: Record<string, JsonLike> = {};
  const declarations: string[] = [];
  const input = (value: JsonLike, type: string): string => {
    if (!asVariables) return literal(value);
    const name = `v${declarations.length}`;
    declarations.push(`$${name}: ${type}`);
    variables[name] = value;
    return `$${name}`;
  };
  const fields = operations.map((operation, index) => `f${index}: ${fieldOf(operation, input)}`);
  const head = declarations.length === 0 ? 'mutation' : `mutation (${declarations.join(', ')})`;
  return { document: `${head} { ${fields.join(' ')} }`, variables };
}

type Input = (value: JsonLike, type: string) => string;

const columnsOf = { task: 'id owner team state size', team: 'id lead grade' } as const;
const response = (table: TableName) => `{ affected_rows returning { ${columnsOf[table]} } }`;

function fieldOf(operation: Operation, input: Input): string {
  switch (operation.kind) {
    case 'insert': {
      const rows = operation.rows.map(
        ({ cells, team }): JsonLike =>
          team === null
            ? cells
            : { ...cells, team_of: { data: team.cells, ...(team.skipsConflicts ? skipping : {}) } },
      );
      const conflict =
        operation.conflict === null
          ? ''
          : `, on_conflict: {constraint: task_pkey, update_columns: [${operation.conflict.columns.join(', ')}], where: ${input(operation.conflict.where, 'task_bool_exp')}}`;
      return operation.isSingle
        ? `insert_task_one(object: ${input(rows[0] ?? null, 'task_insert_input!')}${conflict}) { ${columnsOf.task} }`
        : `insert_task(objects: ${input(rows, '[task_insert_input!]!')}${conflict}) ${response('task')}`;
    }
    case 'insert-teams': {
      const rows = operation.rows.map(
        ({ cells, tasks }): JsonLike =>
          tasks === null
            ? cells
            : {
                ...cells,
                tasks: {
                  data: tasks.rows,
                  ...(tasks.conflict === null ? {} : { on_conflict: conflictValue(tasks.conflict) }),
                },
              },
      );
      const conflict = operation.skipsConflicts ? ', on_conflict: {constraint: team_pkey}' : '';
      return `insert_team(objects: ${input(rows, '[team_insert_input!]!')}${conflict}) ${response('team')}`;
    }
    case 'update':
      return `update_task(where: ${input(operation.where, 'task_bool_exp!')}, ${operatorsOf(operation.change, input)}) ${response('task')}`;
    case 'update-by-pk':
      return `update_task_by_pk(pk_columns: {id: ${input(operation.id, 'Int!')}}, ${operatorsOf(operation.change, input)}) { ${columnsOf.task} }`;
    case 'update-many': {
      const updates = operation.updates.map(({ where, change: { set, inc } }): JsonLike => {
        return {
          where,
          ...(Object.keys(set).length > 0 ? { _set: set } : {}),
          ...(Object.keys(inc).length > 0 ? { _inc: inc } : {}),
        };
      });
      return `update_task_many(updates: ${input(updates, '[task_updates!]!')}) ${response('task')}`;
    }
    case 'delete':
      return `delete_task(where: ${input(operation.where, 'task_bool_exp!')}) ${response('task')}`;
    case 'delete-by-pk':
      return `delete_task_by_pk(id: ${input(operation.id, 'Int!')}) { ${columnsOf.task} }`;
  }
}

function operatorsOf({ set, inc }: Change, input: Input): string {
  const operators: string[] = [];
  if (Object.keys(set).length > 0) operators.push(`_set: ${input(set, 'task_set_input')}`);
  if (Object.keys(inc).length > 0) operators.push(`_inc: ${input(inc, 'task_inc_input')}`);
  return operators.join(', ');
}

const skipping = { on_conflict: { constraint: 'team_pkey', update_columns: [] } } as const;

function conflictValue({ columns, where }: Conflict): JsonLike {
  return { constraint: 'task_pkey', update_columns: columns, where };
}

function literal(value: JsonLike, isEnum = false): string {
  if (isEnum && typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map((each) => literal(each, isEnum)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) =>
      `${name}: ${literal(member ?? null, name === 'constraint' || name === 'update_columns')}`,
  );
  return `{${members.join(', ')}}`;
}
