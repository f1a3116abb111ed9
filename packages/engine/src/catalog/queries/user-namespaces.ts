/**
 * The schemas whose objects the catalogue holds, as a condition on `pg_namespace n`: not PostgreSQL's own (`pg_catalog`, `pg_toast`,
 * `pg_temp_3`, …: names that begin with `pg_` are reserved), not `information_schema`, not the engine's own.
 */
export const USER_NAMESPACES = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'hdb_catalog')`;
