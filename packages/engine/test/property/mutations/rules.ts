/** Random rules of a role. */
import fc from 'fast-check';
import { type JsonLike, sourceOf } from '../../support/project.ts';
import { type Cell, type Condition, condition, small, type TableName, tables, word } from './condition.ts';

export type Presets = Readonly<Record<string, Cell>>;

export interface InsertRule {
  readonly columns: readonly string[];
  readonly set: Presets;
  readonly check: Condition;
}

export interface UpdateRule {
  readonly columns: readonly string[];
  readonly set: Presets;
  readonly filter: Condition;
  readonly check: Condition | null;
}

export interface DeleteRule {
  readonly filter: Condition;
}

/** Several rules for one operation are alternatives; none: the role may not. */
export interface RoleRules {
  readonly task: {
    readonly insert: readonly InsertRule[];
    readonly update: readonly UpdateRule[];
    readonly delete: readonly DeleteRule[];
  };
  readonly team: { readonly insert: readonly InsertRule[] };
  /** Given by two parents: one inserts, the other updates and deletes. */
  readonly isInherited: boolean;
}

const presetValue = (name: string): fc.Arbitrary<Cell> =>
  name === 'state' ? fc.option(word) : fc.oneof(fc.constant('X-Hasura-User-Id'), fc.option(small));

/** Columns that the client gives and others that are preset; the key is always the client's to give, where it may be given at all. */
function columnsAndPresets(table: TableName, withKey: boolean) {
  const others = Object.keys(tables[table].defaults);
  return fc
    .array(fc.constantFrom('open', 'open', 'open', 'preset', 'closed'), {
      minLength: others.length,
      maxLength: others.length,
    })
    .chain((uses) => {
      const named = (use: string) => others.filter((_name, index) => uses[index] === use);
      const presets: Record<string, fc.Arbitrary<Cell>> = {};
      for (const name of named('preset')) presets[name] = presetValue(name);
      return fc
        .record(presets)
        .map((set) => ({ columns: [...(withKey ? ['id'] : []), ...named('open')], set: { ...set } }));
    });
}

function insertRule(table: TableName): fc.Arbitrary<InsertRule> {
  return fc
    .tuple(columnsAndPresets(table, true), condition(table, 'rule'))
    .map(([columns, check]) => ({ ...columns, check }));
}

const updateRule: fc.Arbitrary<UpdateRule> = fc
  .tuple(
    columnsAndPresets('task', false).filter(({ columns }) => columns.length > 0),
    condition('task', 'rule'),
    fc.option(condition('task', 'rule')),
  )
  .map(([columns, filter, check]) => ({ ...columns, filter, check }));

function oneOrMore<T>(rule: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.array(rule, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(rule, { minLength: 2, maxLength: 3 }) },
  );
}

/** Rules with the same presets are the ones that are united. */
const updateRules = oneOrMore(updateRule).chain((rules) =>
  fc.boolean().map((alike) => (alike ? withPresetsOf(rules[0]?.set ?? {}, rules) : rules)),
);

function withPresetsOf(set: Presets, rules: readonly UpdateRule[]): readonly UpdateRule[] {
  return rules
    .map((rule) => ({ ...rule, set, columns: rule.columns.filter((name) => !(name in set)) }))
    .filter(({ columns }) => columns.length > 0);
}

export const roleRules: fc.Arbitrary<RoleRules> = fc.record({
  task: fc.record({
    insert: oneOrMore(insertRule('task')),
    update: fc.oneof(
      { weight: 5, arbitrary: updateRules },
      { weight: 1, arbitrary: fc.constant<readonly UpdateRule[]>([]) },
    ),
    delete: oneOrMore(fc.record({ filter: condition('task', 'rule') })),
  }),
  team: fc.record({ insert: oneOrMore(insertRule('team')) }),
  isInherited: fc.nat({ max: 3 }).map((number) => number === 0),
});

/** The columns that preset columns of an alternative leave to the client. */
export function openColumns(rules: readonly { readonly columns: readonly string[] }[]): readonly string[] {
  return [...new Set(rules.flatMap(({ columns }) => columns))];
}

export function roleName(index: number): string {
  return `role_${index}`;
}

/** The metadata document's members in which each of the roles has its rules. */
export function metadataOf(roles: readonly RoleRules[]): { readonly [member: string]: JsonLike } {
  const select: JsonLike[] = [];
  const task = { insert: [] as JsonLike[], update: [] as JsonLike[], delete: [] as JsonLike[] };
  const teamInsert: JsonLike[] = [];
  const inherited: JsonLike[] = [];
  roles.forEach((rules, index) => {
    const name = roleName(index);
    const inserter = rules.isInherited ? `${name}_inserts` : name;
    const changer = rules.isInherited ? `${name}_changes` : name;
    if (rules.isInherited) inherited.push({ role_name: name, role_set: [inserter, changer] });
    // What an answer shows does not depend on the rows that may be selected.
    const visible: JsonLike = rules.isInherited ? {} : { id: { _lt: 3 } };
    for (const role of new Set([inserter, changer]))
      select.push({ role, permission: { columns: '*', filter: visible } });
    task.insert.push({ role: inserter, permission: permissionOf(rules.task.insert) });
    if (rules.task.update.length > 0) {
      task.update.push({ role: changer, permission: permissionOf(rules.task.update) });
    }
    task.delete.push({ role: changer, permission: permissionOf(rules.task.delete) });
    teamInsert.push({ role: inserter, permission: permissionOf(rules.team.insert) });
  });
  const everyTeam = select.map((each) => ({
    ...(each as { role: string }),
    permission: { columns: '*', filter: {} },
  }));
  const manual = (name: string, to: TableName, mapping: JsonLike): JsonLike => ({
    name,
    using: {
      manual_configuration: {
        remote_table: { schema: 'public', name: to },
        column_mapping: mapping,
      },
    },
  });
  const tracked: JsonLike[] = [
    {
      table: 'task',
      object_relationships: [manual('team_of', 'team', { team: 'id' })],
      select_permissions: select,
      insert_permissions: task.insert,
      update_permissions: task.update,
      delete_permissions: task.delete,
    },
    {
      table: 'team',
      array_relationships: [manual('tasks', 'task', { id: 'team' })],
      select_permissions: everyTeam,
      insert_permissions: teamInsert,
    },
  ];
  return { inherited_roles: inherited, sources: [sourceOf(tracked) as unknown as JsonLike] };
}

function permissionOf(rules: readonly (InsertRule | UpdateRule | DeleteRule)[]): JsonLike {
  const [first] = rules;
  return (rules.length === 1 ? first : { rules }) as unknown as JsonLike;
}
