/** Models from metadata as a user would write it and a catalogue fixture: what `buildModel` makes of them. */

import { qualifiedKey } from '../../src/catalog/index.ts';
import type { Metadata, SourceMetadata, TableMetadata } from '../../src/metadata/index.ts';
import { buildModel, type Model, type ModelOptions, type TrackedTable } from '../../src/model/index.ts';
import { type CatalogFixture, makeCatalog, readName } from './catalog-fixture.ts';

export interface ModelFixture extends CatalogFixture {
  /** By table name; every table of the catalogue that is not named here is tracked as it is. */
  readonly tracked?: Readonly<Record<string, Omit<TableMetadata, 'table'>>>;
  readonly source?: Partial<SourceMetadata>;
  readonly metadata?: Partial<Metadata>;
  readonly enumValues?: Readonly<Record<string, readonly string[]>>;
  readonly options?: Partial<ModelOptions>;
}

export function makeModel(fixture: ModelFixture): Model {
  const names = new Set([...Object.keys(fixture.tables), ...Object.keys(fixture.tracked ?? {})]);
  const tables = [...names].map((name) => ({ table: readName(name), ...fixture.tracked?.[name] }));
  const source: SourceMetadata = {
    name: 'default',
    kind: 'postgres',
    tables,
    configuration: { connection_info: { database_url: { from_env: 'DATABASE_URL' } } },
    ...fixture.source,
  };
  const enumValues = Object.entries(fixture.enumValues ?? {}).map(
    ([name, values]) =>
      [
        qualifiedKey(readName(name)),
        { kind: 'values', values: values.map((value) => ({ value, comment: null })) },
      ] as const,
  );
  return buildModel({
    metadata: { version: 3, sources: [source], ...fixture.metadata },
    catalogs: new Map([[source.name, makeCatalog(fixture)]]),
    enumValues: new Map([[source.name, new Map(enumValues)]]),
    options: {
      inferFunctionPermissions: true,
      experimentalFeatures: new Set(),
      defaultNamingConvention: 'hasura-default',
      ...fixture.options,
    },
  });
}

/** A tracked table of the source `default`; fails the test when it is not there. */
export function tableOf(model: Model, name: string): TrackedTable {
  const table = model.sources.get('default')?.tables.get(qualifiedKey(readName(name)));
  if (table === undefined) throw new Error(`${name} is not tracked`);
  return table;
}
