import { USER_NAMESPACES } from './user-namespaces.ts';

export interface FunctionRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly volatility: 'i' | 's' | 'v';
  readonly return_type: string;
  readonly returns_set: 't' | 'f';
  readonly is_variadic: 't' | 'f';
  readonly argument_types: string;
  readonly argument_names: string | null;
  readonly argument_modes: string | null;
  readonly default_count: string;
  readonly comment: string | null;
}

/** Functions, with those of extensions. Not: procedures, aggregate and window functions. */
export const FUNCTIONS = `
select p.oid,
  n.nspname as schema,
  p.proname as name,
  p.provolatile as volatility, -- i immutable, s stable, v volatile
  p.prorettype as return_type,
  p.proretset as returns_set,
  p.provariadic <> 0 as is_variadic,
  p.proargtypes as argument_types, -- of the IN, INOUT and VARIADIC arguments, with blanks between
  pg_catalog.array_to_json(p.proargnames) as argument_names, -- of all arguments; null when none has a name
  pg_catalog.array_to_string(p.proargmodes, '') as argument_modes, -- of all: i in, o out, b inout, v variadic, t table; null when all are in
  p.pronargdefaults as default_count, -- this many of the last input arguments
  d.description as comment
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_description d
  on d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objoid = p.oid and d.objsubid = 0
where p.prokind = 'f' and ${USER_NAMESPACES}
order by n.nspname, p.proname, p.oid`;
