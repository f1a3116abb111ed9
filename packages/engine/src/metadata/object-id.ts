import type { QualifiedName } from '../catalog/index.ts';

export type PermissionOperation = 'select' | 'insert' | 'update' | 'delete';

/** Names one object of the metadata. */
export type MetadataObjectId =
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'table'; readonly source: string; readonly table: QualifiedName }
  | { readonly kind: 'function'; readonly source: string; readonly function: QualifiedName }
  | {
      readonly kind: 'function-permission';
      readonly source: string;
      readonly function: QualifiedName;
      readonly role: string;
    }
  | {
      readonly kind: 'relationship' | 'computed-field' | 'remote-relationship' | 'event-trigger';
      readonly source: string;
      readonly table: QualifiedName;
      readonly name: string;
    }
  | {
      readonly kind: 'permission';
      readonly source: string;
      readonly table: QualifiedName;
      readonly role: string;
      readonly operation: PermissionOperation;
    }
  | { readonly kind: 'native-query' | 'logical-model'; readonly source: string; readonly name: string }
  | {
      readonly kind: 'logical-model-permission';
      readonly source: string;
      /** What declares the model: itself, or the native query of the name. */
      readonly place: 'logical-model' | 'native-query';
      readonly name: string;
      readonly role: string;
    }
  | { readonly kind: 'remote-schema'; readonly name: string }
  | { readonly kind: 'remote-schema-permission'; readonly name: string; readonly role: string }
  | { readonly kind: 'inherited-role'; readonly role: string }
  /** `type` as in lists of inconsistent objects: `action`, `rest_endpoint`, `query_collections`, … */
  | { readonly kind: 'other'; readonly type: string; readonly name: string };

/** Equal for ids of the same object. */
export function objectKey(id: MetadataObjectId): string {
  switch (id.kind) {
    case 'source':
      return key(id.kind, id.source);
    case 'table':
      return key(id.kind, id.source, id.table.schema, id.table.name);
    case 'function':
      return key(id.kind, id.source, id.function.schema, id.function.name);
    case 'function-permission':
      return key(id.kind, id.source, id.function.schema, id.function.name, id.role);
    case 'relationship':
    case 'computed-field':
    case 'remote-relationship':
    case 'event-trigger':
      return key(id.kind, id.source, id.table.schema, id.table.name, id.name);
    case 'permission':
      return key(id.kind, id.source, id.table.schema, id.table.name, id.role, id.operation);
    case 'native-query':
    case 'logical-model':
      return key(id.kind, id.source, id.name);
    case 'logical-model-permission':
      return key(id.kind, id.source, id.place, id.name, id.role);
    case 'remote-schema':
      return key(id.kind, id.name);
    case 'remote-schema-permission':
      return key(id.kind, id.name, id.role);
    case 'inherited-role':
      return key(id.kind, id.role);
    case 'other':
      return key(id.kind, id.type, id.name);
  }
}

function key(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
