import { USER_NAMESPACES } from './user-namespaces.ts';

export interface ColumnRow {
  readonly relation: string;
  readonly position: string;
  readonly name: string;
  readonly type: string;
  readonly is_required: 't' | 'f';
  readonly has_expression: 't' | 'f';
  readonly identity: '' | 'a' | 'd';
  readonly generated: '' | 's' | 'v';
  readonly srid: string | null;
  readonly is_nondeterministic: 't' | 'f';
  readonly comment: string | null;
}

/** The columns of all relations, one after the other in their order. */
export const COLUMNS = `
select a.attrelid as relation,
  a.attnum as position,
  a.attname as name,
  a.atttypid as type,
  a.attnotnull as is_required,
  a.atthasdef as has_expression, -- a default, or the expression of a generated column
  a.attidentity as identity, -- a always, d by default
  a.attgenerated as generated, -- s stored, v virtual (since PostgreSQL 18)
  case when t.typname in ('geometry', 'geography') and a.atttypmod > 0
    then nullif(((a.atttypmod & 268435200) - (a.atttypmod & 268435456)) >> 8, 0) -- where PostGIS keeps it
  end as srid,
  coalesce(pg_catalog.to_json(l) ->> 'collisdeterministic' = 'false', false) as is_nondeterministic, -- since PostgreSQL 12
  d.description as comment
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_collation l on l.oid = a.attcollation and l.collprovider = 'i' -- no others can be
left join pg_catalog.pg_description d
  on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = a.attrelid and d.objsubid = a.attnum
where a.attnum > 0 -- below are the system columns
  and not a.attisdropped
  and c.relkind in ('r', 'p', 'f', 'v', 'm')
  and ${USER_NAMESPACES}
order by a.attrelid, a.attnum`;
