/** Names of tables that may also be the name of another type of the schema. A quick look, for the sake of large models; `schema/` looks closely. */
import type { Catalog } from '../catalog/index.ts';
import { scalarsOfCatalog } from './scalar-names.ts';
import type { Model, NamePart, Source } from './types.ts';

/** False: no two types of this model can have one name, as far as the names of its tables, functions and native queries go. */
export function mayTypesMeet(model: Model, catalogs: Iterable<Catalog>): boolean {
  const scalars = [...catalogs].map((catalog) => scalarsOfCatalog(catalog));
  const all = new Set<string>();
  for (const source of model.sources.values()) {
    const types = typeNamesOf(source);
    for (const name of types) {
      if (all.has(name) || scalars.some((each) => each.has(name))) return true;
      all.add(name);
    }
    if (suspects(types, prefixesOf(source))) return true;
  }
  return false;
}

/** The names of object types. */
function typeNamesOf(source: Source): readonly string[] {
  return basesOf(source).map((base) => source.naming.typeName(base));
}

/** What names of other types begin with. */
function prefixesOf(source: Source): ReadonlySet<string> {
  const functions = [...source.functions.values()].map(({ graphqlName }) => graphqlName);
  const queries = [...source.nativeQueries.keys()];
  return new Set(
    [...basesOf(source), ...functions, ...queries].map((base) => plain(source.naming.typeName(base))),
  );
}

function basesOf({ tables, nativeQueries }: Source): readonly NamePart[] {
  const rows = [...nativeQueries.values()].flatMap(({ model, row }) => [model, row]);
  return [...tables.values(), ...new Set(rows)].flatMap(({ graphqlName }) => graphqlName ?? []);
}

/** Whether a name is another one with what the schema puts behind names, or begins like one that is. */
function suspects(types: readonly string[], prefixes: ReadonlySet<string>): boolean {
  return types.some((type) => {
    const name = plain(type);
    if (name.endsWith('comparisonexp') || name.endsWith('castexp')) return true;
    return endings.some(
      (ending) => name.endsWith(ending) && prefixes.has(name.slice(0, name.length - ending.length)),
    );
  });
}

/** Whatever the naming convention. */
function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

const functions = [
  'avg',
  'stddev',
  'stddevpop',
  'stddevsamp',
  'varpop',
  'varsamp',
  'variance',
  'sum',
  'min',
  'max',
];

/** What stands behind a table's name in the names of its types. */
const suffixes: ReadonlySet<string> = new Set([
  ...[
    'boolexp',
    'boolexpboolexp',
    'orderby',
    'selectcolumn',
    'updatecolumn',
    'constraint',
    'enum',
    'enumcomparisonexp',
  ],
  ...[
    'aggregate',
    'aggregatefields',
    'aggregateorderby',
    'aggregateboolexp',
    'args',
    'arguments',
    'enumname',
  ],
  ...['insertinput', 'arrrelinsertinput', 'objrelinsertinput', 'onconflict', 'mutationresponse', 'updates'],
  ...['setinput', 'incinput', 'appendinput', 'prependinput', 'deletekeyinput', 'deleteeleminput'],
  ...[
    'deleteatpathinput',
    'pkcolumnsinput',
    'streamcursorinput',
    'streamcursorvalueinput',
    'edge',
    'connection',
  ],
  ...functions.flatMap((fn) => [`${fn}fields`, `${fn}orderby`]),
]);

/** The suffixes, and what another suffix behind makes one of. */
const endings: readonly string[] = [
  ...new Set(
    [...suffixes].flatMap((suffix) => [
      suffix,
      ...[...suffixes]
        .filter((other) => other !== suffix && suffix.endsWith(other))
        .map((other) => suffix.slice(0, suffix.length - other.length)),
    ]),
  ),
];
