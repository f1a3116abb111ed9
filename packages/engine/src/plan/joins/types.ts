import type { RemoteFieldStep, RemoteSchemaAccess } from '../../model/index.ts';
import type { Column } from '../../permissions/index.ts';
import type { DelegatedField } from '../delegated/types.ts';
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

/** A field of a remote schema, with arguments that the values give. Source: spec/remote-schemas.md 10. */
export interface RemoteFieldJoin {
  readonly kind: 'remote-field';
  /** The schema and what the role may use of it. */
  readonly access: RemoteSchemaAccess;
  /** What the values are called in the steps' arguments, in their order. */
  readonly variables: readonly string[];
  /** From the upstream's root type of queries, in its own words; the last one is `field`. */
  readonly steps: readonly RemoteFieldStep[];
  /** What the client asks of the last step: its further arguments and what is selected. */
  readonly field: DelegatedField;
}
