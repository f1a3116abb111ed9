import type { TypeRow } from './queries/types.ts';
import type { PgType, QualifiedName } from './types.ts';

const KINDS: Readonly<Record<TypeRow['kind'], PgType['kind']>> = {
  b: 'base',
  c: 'composite',
  d: 'domain',
  e: 'enum',
  m: 'multirange',
  p: 'pseudo',
  r: 'range',
};

/** One object per type, by OID; elements, bases and relations are resolved, null where the catalogue leaves them out. */
export function readTypes(
  rows: readonly TypeRow[],
  relationByOid: ReadonlyMap<number, QualifiedName>,
): Map<number, PgType> {
  const rowByOid = new Map(rows.map((row) => [Number(row.oid), row]));
  const types = new Map<number, PgType>();
  const resolve = (oid: number): PgType | null => {
    const known = types.get(oid);
    if (known !== undefined) return known;
    const row = rowByOid.get(oid);
    if (row === undefined) return null;
    const type: PgType = {
      oid,
      schema: row.schema,
      name: row.name,
      sqlName: row.sql_name,
      kind: row.element === null ? KINDS[row.kind] : 'array',
      element: row.element === null ? null : resolve(Number(row.element)),
      base: row.kind === 'd' ? resolve(Number(row.base)) : null,
      relation: row.relation === null ? null : (relationByOid.get(Number(row.relation)) ?? null),
    };
    types.set(oid, type);
    return type;
  };
  for (const oid of rowByOid.keys()) resolve(oid);
  return types;
}
