import type { QualifiedName } from '../catalog/index.ts';
import { isJsonObject, type Json } from '../support/index.ts';

/** As messages print it: `author`, or `app.author` outside `public`. */
export function describeName(name: QualifiedName): string {
  return name.schema === 'public' ? name.name : `${name.schema}.${name.name}`;
}

/** `"author"` or `{"schema": "app", "name": "author"}`; null for anything else. */
export function readQualifiedName(value: Json | undefined): QualifiedName | null {
  if (typeof value === 'string') return { schema: 'public', name: value };
  if (!isJsonObject(value)) return null;
  const { schema = 'public', name } = value as { schema?: Json; name?: Json };
  return typeof schema === 'string' && typeof name === 'string' ? { schema, name } : null;
}
