import { USER_NAMESPACES } from './user-namespaces.ts';

export interface RelationRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'r' | 'p' | 'f' | 'v' | 'm';
  readonly is_partition: 't' | 'f';
  readonly comment: string | null;
  readonly events: string;
}

/** Tables and what is like a table. Not: indexes, sequences, TOAST, composite types. */
export const RELATIONS = `
select c.oid,
  n.nspname as schema,
  c.relname as name,
  c.relkind as kind, -- r table, p partitioned table, f foreign table, v view, m materialized view
  c.relispartition as is_partition,
  d.description as comment,
  case c.relkind -- bits: 4 update, 8 insert, 16 delete. Views are asked one by one (rules and INSTEAD OF triggers count), tables take all
    when 'r' then 28
    when 'p' then 28
    when 'm' then 0
    else pg_catalog.pg_relation_is_updatable(c.oid, true)
  end as events
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_description d
  on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = c.oid and d.objsubid = 0
where c.relkind in ('r', 'p', 'f', 'v', 'm') and ${USER_NAMESPACES}
order by n.nspname, c.relname`;
