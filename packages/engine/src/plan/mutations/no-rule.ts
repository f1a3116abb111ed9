import type { TrackedTable } from '../../model/index.ts';
import type { Column } from '../../permissions/index.ts';
import { type Path, RequestError } from '../../support/index.ts';

/** Each column may be written, but no single rule of the permission lists all of them. They are named as the client named them. */
export function noRuleFor(
  operation: 'insert' | 'update',
  table: TrackedTable,
  columns: readonly Column[],
  path: Path,
): RequestError {
  const names = columns.map(({ name }) => `"${table.columns.get(name)?.graphqlName ?? name}"`);
  return new RequestError(
    'permission-error',
    path,
    `no rule of the ${operation} permission allows these columns together: ${names.join(', ')}`,
  );
}
