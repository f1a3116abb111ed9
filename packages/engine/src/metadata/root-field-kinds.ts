/** The root fields of a table, by their keys in `custom_root_fields`. */
export const rootFieldKinds = [
  'select',
  'select_by_pk',
  'select_aggregate',
  'select_stream',
  'insert',
  'insert_one',
  'update',
  'update_by_pk',
  'update_many',
  'delete',
  'delete_by_pk',
] as const;

export type RootFieldKind = (typeof rootFieldKinds)[number];
