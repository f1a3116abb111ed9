import { isList, isMapping, isSame, type Mapping, type Value, writeYaml } from '../document/index.ts';

/** One place where two documents differ. `before` or `after` absent: it is only in the other. */
type Difference = {
  readonly path: readonly string[];
  readonly kind: 'map entry' | 'list entry' | 'value';
  readonly removed: readonly Value[];
  readonly added: readonly Value[];
};

/** By these members of a list of mappings are known, whatever their order. */
const identifiers = ['name', 'role', 'table', 'function', 'collection', 'role_name', 'type_name'];

/**
 * How the second document differs from the first, in paragraphs for people: the place, then what was added (`+`), removed (`-`) or changed (`±`).
 * The order of keys and of lists does not count. Empty when they are the same.
 */
export function describeDifference(before: Value, after: Value): string {
  return compare(before, after, [])
    .map(({ path, kind, removed, added }) => {
      const place = path.length === 0 ? '(root level)' : path.join('.');
      return `${place}\n${kind === 'value' ? change(removed, added) : moves(kind, removed, added)}`;
    })
    .join('\n');
}

function compare(before: Value, after: Value, path: readonly string[]): Difference[] {
  if (isSame(before, after)) return [];
  if (isMapping(before) && isMapping(after)) return compareMappings(before, after, path);
  if (isList(before) && isList(after)) return compareLists(before, after, path);
  return [{ path, kind: 'value', removed: [before], added: [after] }];
}

function compareMappings(before: Mapping, after: Mapping, path: readonly string[]): Difference[] {
  const only = (some: Mapping, others: Mapping): Value[] =>
    [...some].filter(([key]) => !others.has(key)).map((pair) => new Map([pair]));
  const [removed, added] = [only(before, after), only(after, before)];
  const own: Difference[] =
    removed.length + added.length === 0 ? [] : [{ path, kind: 'map entry', removed, added }];
  const inner = [...before].flatMap(([key, value]) => {
    const other = after.get(key);
    return other === undefined ? [] : compare(value, other, [...path, key]);
  });
  return [...own, ...inner];
}

function compareLists(
  before: readonly Value[],
  after: readonly Value[],
  path: readonly string[],
): Difference[] {
  const key = identifiers.find((each) => isIdentifier(each, before) && isIdentifier(each, after));
  if (key === undefined) {
    const [removed, added] = [without(before, after), without(after, before)];
    return removed.length + added.length === 0 ? [] : [{ path, kind: 'list entry', removed, added }];
  }
  const [left, right] = [byKey(before, key), byKey(after, key)];
  const only = (some: ReadonlyMap<string, Value>, others: ReadonlyMap<string, Value>): Value[] =>
    [...some].filter(([id]) => !others.has(id)).map(([, value]) => value);
  const [removed, added] = [only(left, right), only(right, left)];
  const own: Difference[] =
    removed.length + added.length === 0 ? [] : [{ path, kind: 'list entry', removed, added }];
  return [
    ...own,
    ...[...left].flatMap(([id, value]) => {
      const other = right.get(id);
      return other === undefined ? [] : compare(value, other, [...path, id]);
    }),
  ];
}

/** Every member is a mapping with that key, and no two have the same. */
function isIdentifier(key: string, list: readonly Value[]): boolean {
  return (
    list.every((member) => isMapping(member) && member.has(key)) && byKey(list, key).size === list.length
  );
}

function byKey(list: readonly Value[], key: string): ReadonlyMap<string, Value> {
  return new Map(list.map((member) => [nameOf(isMapping(member) ? member.get(key) : undefined), member]));
}

function nameOf(value: Value | undefined): string {
  if (isMapping(value)) return [...value.values()].map(nameOf).join('_');
  if (isList(value)) return value.map(nameOf).join('_');
  return typeof value === 'string' ? value : writeYaml(value ?? null).trim();
}

/** What is in the first list and not in the second, counting repetitions. */
function without(list: readonly Value[], others: readonly Value[]): Value[] {
  const left = [...others];
  return list.filter((member) => {
    const at = left.findIndex((other) => isSame(member, other));
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

function moves(kind: string, removed: readonly Value[], added: readonly Value[]): string {
  return [
    ...(removed.length === 0 ? [] : [`- ${count(removed.length, kind)} removed:\n${entries(kind, removed)}`]),
    ...(added.length === 0 ? [] : [`+ ${count(added.length, kind)} added:\n${entries(kind, added)}`]),
  ].join('\n');
}

const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

function count(number: number, kind: string): string {
  return `${words[number] ?? number} ${number === 1 ? kind : kind.replace(/y$/, 'ies')}`;
}

function entries(kind: string, values: readonly Value[]): string {
  return indented(
    kind === 'list entry' ? writeYaml(values) : values.map((value) => writeYaml(value)).join(''),
  );
}

function change([before]: readonly Value[], [after]: readonly Value[]): string {
  const lines = (sign: string, value: Value | undefined): string =>
    writeYaml(value ?? null)
      .split('\n')
      .slice(0, -1)
      .map((line) => `  ${sign} ${line}\n`)
      .join('');
  return `± value change\n${lines('-', before)}${lines('+', after)}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
