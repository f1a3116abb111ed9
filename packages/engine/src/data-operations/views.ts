import type { TrackedTable } from '../model/index.ts';
import { describeName } from '../permissions/index.ts';
import { type Path, RequestError } from '../support/index.ts';

const facts = { insertable: 'isInsertable', updatable: 'isUpdatable', deletable: 'isDeletable' } as const;

/** @throws RequestError `not-supported` for a view whose rows cannot be written in this way */
export function requireWritableView(table: TrackedTable, ability: keyof typeof facts, path: Path): void {
  if (table.catalog[facts[ability]]) return;
  throw new RequestError('not-supported', path, `view "${describeName(table)}" is not ${ability}`);
}
