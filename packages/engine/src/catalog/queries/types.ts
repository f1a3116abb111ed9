export interface TypeRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly sql_name: string;
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'm' | 'p' | 'r';
  readonly element: string | null;
  readonly base: string;
  readonly relation: string | null;
}

/** All types but the row types of system tables and the arrays of these. */
export const TYPES = `
select t.oid,
  n.nspname as schema,
  t.typname as name,
  case when n.nspname = 'pg_catalog' then pg_catalog.format_type(t.oid, -1) -- -1: without length or precision
    else pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(coalesce(e.typname, t.typname))
      || case when e.oid is null then '' else '[]' end
  end as sql_name, -- qualified whatever the search_path is
  t.typtype as kind, -- b base, c composite, d domain, e enum, m multirange, p pseudo, r range
  e.oid as element, -- only of true arrays: int2vector and point have elements too
  t.typbasetype as base, -- of a domain, else 0
  case when c.relkind <> 'c' then c.oid end as relation -- c: a type made with CREATE TYPE … AS (…)
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
left join pg_catalog.pg_class c on c.oid = t.typrelid
left join pg_catalog.pg_class ec on ec.oid = e.typrelid
where n.nspname !~ '^pg_(toast|temp)'
  and (n.nspname not in ('pg_catalog', 'information_schema', 'hdb_catalog') or (c.oid is null and ec.oid is null))`;
