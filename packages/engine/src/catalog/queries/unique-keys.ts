import { USER_NAMESPACES } from './user-namespaces.ts';

export interface UniqueKeyRow {
  readonly relation: string;
  readonly name: string;
  readonly is_primary: 't' | 'f';
  readonly is_constraint: 't' | 'f';
  readonly is_partial: 't' | 'f';
  readonly columns: string;
}

/** Unique indexes. Those behind a constraint are marked, and those that are no key: of some rows only, or of expressions. */
export const UNIQUE_KEYS = `
select i.indrelid as relation,
  x.relname as name, -- the index of a constraint has the constraint's name
  i.indisprimary as is_primary,
  k.oid is not null as is_constraint,
  i.indpred is not null or i.indexprs is not null as is_partial,
  -- the key's column numbers with blanks between, 0 for an expression; those that are only INCLUDEd come behind and are cut off
  pg_catalog.array_to_string((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1], ' ') as columns
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u')
where i.indisunique
  and i.indisvalid -- false while CREATE INDEX CONCURRENTLY has not ended, or has failed
  and c.relkind in ('r', 'p', 'f', 'm')
  and ${USER_NAMESPACES}
order by i.indrelid, i.indisprimary desc, x.relname`;
