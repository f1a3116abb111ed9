import type { TrackedTable } from '../model/index.ts';
import type { SelectRule } from '../permissions/index.ts';
import { columnOperand, formatOf, type MutationOutput, type OutputItem } from '../plan/index.ts';
import type { Path } from '../support/index.ts';
import { columnNamed, grantOf, type TableReader } from './reader.ts';

/** What is answered about the affected rows; `names` is null when none of their columns are asked for. */
export function planReturning(
  names: readonly string[] | null,
  table: TrackedTable,
  rule: SelectRule | null,
  reader: TableReader,
): MutationOutput {
  const items: MutationOutput & { kind: 'response' } = {
    kind: 'response',
    items: [{ key: 'affected_rows', kind: 'affected-rows' }],
  };
  if (names === null || rule === null) return items;
  const output = planColumns(names, table, rule, reader.path.child('returning'), reader);
  return { kind: 'response', items: [...items.items, { key: 'returning', kind: 'returning', output }] };
}

function planColumns(
  names: readonly string[],
  table: TrackedTable,
  rule: SelectRule,
  path: Path,
  reader: TableReader,
): readonly OutputItem[] {
  const wanted = new Set(names.flatMap((name) => (name === '*' ? [...rule.columns.keys()] : [name])));
  return [...wanted].map((name) => {
    const grant = grantOf(rule, name, path);
    columnNamed(table, name, 'Relationships can\'t be used in "returning".', path);
    return {
      key: name,
      kind: 'value',
      operand: columnOperand(grant),
      jsonPath: null,
      format: formatOf(grant.column.type, reader),
    };
  });
}
