import type { CountRequest } from '../metadata/index.ts';
import { always } from '../permissions/index.ts';
import { type AggregateSelect, columnOperand } from '../plan/index.ts';
import { columnNamed, grantOf, type TableReader } from './reader.ts';

const selectHint = '; "count" is only allowed if the role has "select" permissions on the table';

/** The answer is `{"aggregate": {"count": N}}`. The rule's limit does not concern counts. Source: spec/metadata-api.md 5.2, spec/permissions.md 5. */
export function planCount(request: CountRequest, reader: TableReader): AggregateSelect {
  const { path } = reader;
  const table = reader.table(request.table);
  const rule = reader.require(table, 'select', selectHint);
  const distinctOn = (request.distinct ?? []).map((name, index) => {
    const at = path.child('distinct', index);
    const grant = grantOf(rule, name, at);
    columnNamed(table, name, 'Relationships can\'t be used in "distinct".', at);
    return columnOperand(grant);
  });
  return {
    kind: 'aggregate',
    set: {
      rows: rule.rows,
      join: [],
      where: request.where === null ? always : reader.where(request.where, table, path.child('where')),
      distinctOn,
      orderBy: [],
      limit: null,
      offset: null,
    },
    permissionLimit: null,
    output: [
      {
        key: 'aggregate',
        kind: 'aggregate',
        output: [{ key: 'count', kind: 'count', operands: [], isDistinct: false }],
      },
    ],
  };
}
