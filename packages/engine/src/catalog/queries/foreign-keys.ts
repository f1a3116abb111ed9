import { USER_NAMESPACES } from './user-namespaces.ts';

export interface ForeignKeyRow {
  readonly oid: string;
  readonly parent: string;
  readonly name: string;
  readonly relation: string;
  readonly columns: string;
  readonly foreign_relation: string;
  readonly foreign_columns: string;
}

/** All foreign keys, with those that PostgreSQL derives for partitions. */
export const FOREIGN_KEYS = `
select k.oid,
  k.conparentid as parent, -- the foreign key it was derived from, on either side's partition; 0 when declared
  k.conname as name,
  k.conrelid as relation,
  pg_catalog.array_to_string(k.conkey, ' ') as columns, -- numbers, in the order of the key
  k.confrelid as foreign_relation,
  pg_catalog.array_to_string(k.confkey, ' ') as foreign_columns
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and ${USER_NAMESPACES}
order by k.conrelid, k.conname`;
