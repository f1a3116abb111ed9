/** Why a table cannot be an enum. Source: spec/graphql-api.md 9.3 (texts exact, apostrophes included). */
import {
  type Catalog,
  type CatalogTable,
  type EnumTable,
  type EnumValues,
  qualifiedKey,
} from '../catalog/index.ts';
import type { SourceMetadata } from '../metadata/index.ts';
import { describeType } from '../permissions/index.ts';
import { isGraphqlName } from './naming.ts';

/** The enum tables of a source whose rows a model needs; tables of another shape are left out, since they cannot be enums. */
export function enumTablesOf(metadata: SourceMetadata, catalog: Catalog): readonly EnumTable[] {
  const tables: EnumTable[] = [];
  for (const { table: name, is_enum: isEnum } of metadata.tables) {
    const table = isEnum === true ? catalog.tables.get(qualifiedKey(name)) : undefined;
    const valueColumn = table?.primaryKey?.columns[0];
    if (table === undefined || valueColumn === undefined || shapeFaults(table).length > 0) continue;
    const comment = table.columns.find((column) => column.name !== valueColumn);
    tables.push({ table: name, valueColumn, commentColumn: comment?.name ?? null });
  }
  return tables;
}

export function enumTableFaults(table: CatalogTable, content: EnumValues): readonly string[] {
  const shape = shapeFaults(table);
  if (shape.length > 0) return shape;
  if (content.kind === 'failed') return [`postgres error: ${content.error.message}`];
  if (content.values.length === 0) return ['the table must have at least one row'];
  const unusable = content.values.map(({ value }) => value).filter((value) => !isEnumValueName(value));
  return unusable.length === 0 ? [] : [`the ${listOf(unusable.toSorted())}`];
}

/** As v2 writes lists of different lengths, down to its quotes. */
function listOf(values: readonly string[]): string {
  const last = values.at(-1);
  const others = values.slice(0, -1);
  if (others.length === 0) return `value "${last}" is not a valid GraphQL enum value name`;
  const before = others.length === 1 ? `"${others[0]}" and` : `${others.join(', ')}, and`;
  return `values ${before} "${last}" are not valid GraphQL enum value names`;
}

function shapeFaults(table: CatalogTable): readonly string[] {
  const faults: string[] = [];
  const key = table.primaryKey?.columns ?? [];
  const [keyColumn] = key;
  if (keyColumn === undefined) {
    faults.push('the table must have a primary key');
  } else if (key.length > 1) {
    faults.push(`the table’s primary key must not span multiple columns (${key.toSorted().join(', ')})`);
  } else {
    const type = table.columns.find((column) => column.name === keyColumn)?.type;
    if (type !== undefined && type.name !== 'text') {
      faults.push(
        `the table’s primary key ("${keyColumn}") must have type "text", not type "${describeType(type)}"`,
      );
    }
  }
  // a key that cannot be used counts among the other columns
  const others = table.columns.filter(({ name }) => faults.length > 0 || name !== keyColumn);
  const [comment] = others;
  if (others.length > 1) {
    const names = others.map(({ name }) => name).toSorted();
    faults.push(
      `the table must have exactly one primary key and optionally one comment column, not ${names.length} columns (${names.join(', ')})`,
    );
  } else if (comment !== undefined && comment.type.name !== 'text') {
    faults.push(
      `the table’s comment column ("${comment.name}") must have type "text", not type "${describeType(comment.type)}"`,
    );
  }
  return faults;
}

function isEnumValueName(value: string): boolean {
  return isGraphqlName(value) && !['true', 'false', 'null'].includes(value);
}
