import type { Column } from '../../permissions/index.ts';
import type { Select } from '../types.ts';

/**
 * Rows of another source. `select` is nested below a row that has just `columns`, one for each value that is joined by, in their order; it stands for
 * the row that the field belongs to. Source: spec/remote-schemas.md 10.
 */
export interface RowsJoin {
  readonly kind: 'rows';
  readonly source: string;
  readonly columns: readonly Column[];
  readonly select: Select;
}
