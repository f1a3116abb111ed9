import type { Catalog } from '../catalog/index.ts';
import { type Model, mayTypesMeet, type Source } from '../model/index.ts';
import { findTypeConflicts, type TypeConflict } from '../schema/index.ts';
import { schemaFeatures } from './planner.ts';
import type { RuntimeOptions } from './types.ts';

/** Looks for types of the model that have one name, unless nothing that matters has changed since the model before. */
export function noteTypeConflicts(
  model: Model,
  catalogs: readonly Catalog[],
  options: RuntimeOptions,
  previous: Model | null,
): void {
  const shape = shapeOf(model);
  const names = namesOf(model, catalogs);
  const before = previous === null ? undefined : noted.get(previous);
  if (before !== undefined && isSameList(before.shape, shape)) {
    noted.set(model, { ...before, names });
    return;
  }
  const mayMeet =
    before === undefined || before.mayMeet || !isWithin(names, before.names)
      ? mayTypesMeet(model, catalogs)
      : false;
  const conflicts = mayMeet ? findTypeConflicts(model, schemaFeatures(options)) : [];
  noted.set(model, { shape, names, mayMeet, conflicts });
}

/** Those of a model that was looked at. */
export function typeConflictsOf(model: Model): readonly TypeConflict[] {
  return noted.get(model)?.conflicts ?? [];
}

/**
 * Whether types of two tables of a model may have one name, or a type of a table that of something else. Only within one source are names compared closely enough to
 * say no.
 */
export function mayTypesOfTablesMeet(model: Model): boolean {
  return model.sources.size !== 1 || (noted.get(model)?.mayMeet ?? true);
}

interface Noted {
  readonly shape: readonly unknown[];
  readonly names: Names;
  readonly mayMeet: boolean;
  readonly conflicts: readonly TypeConflict[];
}

const noted = new WeakMap<Model, Noted>();

/** What `mayTypesMeet` looks at. Equal parts are the same object or text. */
interface Names {
  readonly others: readonly unknown[];
  /** By source: of each table an object that it keeps as long as its names are the same. */
  readonly tables: readonly ReadonlySet<unknown>[];
}

function namesOf(model: Model, catalogs: readonly Catalog[]): Names {
  const sources = [...model.sources.values()];
  const others = sources.flatMap(({ name, naming, functions, nativeQueries }) => [
    name,
    naming,
    nativeQueries,
    JSON.stringify([...functions.values()].map(({ graphqlName }) => graphqlName)),
  ]);
  return {
    others: [...others, ...catalogs.map(({ types }) => types)],
    tables: sources.map(({ tables }) => rootFieldsOf(tables)),
  };
}

/** Made once for all models that have the same tables. */
function rootFieldsOf(tables: Source['tables']): ReadonlySet<unknown> {
  const known = knownRootFields.get(tables);
  if (known !== undefined) return known;
  const made = new Set([...tables.values()].map(({ rootFields }) => rootFields));
  knownRootFields.set(tables, made);
  return made;
}

const knownRootFields = new WeakMap<Source['tables'], ReadonlySet<unknown>>();

/** Where something is no more, nothing new can meet: the tables may be fewer. */
function isWithin(names: Names, before: Names): boolean {
  return (
    isSameList(names.others, before.others) &&
    names.tables.every((tables, index) => {
      const known = before.tables[index];
      if (known === tables) return true;
      for (const table of tables) if (known?.has(table) !== true) return false;
      return true;
    })
  );
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

/** What the types come from, as far as tables, functions and native queries go. Equal parts are the same object or text. */
function shapeOf(model: Model): readonly unknown[] {
  return [...model.sources.values()].flatMap(({ name, tables, functions, nativeQueries }) => [
    name,
    tables,
    nativeQueries,
    [...functions.values()].map(({ rootFields }) => rootFields.function).join(' '),
  ]);
}
