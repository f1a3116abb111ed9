import type { Catalog } from '../catalog/index.ts';
import { type Model, mayTypesMeet } from '../model/index.ts';
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
  const before = previous === null ? undefined : noted.get(previous);
  const isSame = before?.shape.every((part, index) => part === shape[index]) ?? false;
  const conflicts =
    before !== undefined && isSame && before.shape.length === shape.length
      ? before.conflicts
      : mayTypesMeet(model, catalogs)
        ? findTypeConflicts(model, schemaFeatures(options))
        : [];
  noted.set(model, { shape, conflicts });
}

/** Those of a model that was looked at. */
export function typeConflictsOf(model: Model): readonly TypeConflict[] {
  return noted.get(model)?.conflicts ?? [];
}

interface Noted {
  readonly shape: readonly unknown[];
  readonly conflicts: readonly TypeConflict[];
}

const noted = new WeakMap<Model, Noted>();

/** What the types come from, as far as tables, functions and native queries go. Equal parts are the same object or text. */
function shapeOf(model: Model): readonly unknown[] {
  return [...model.sources.values()].flatMap(({ name, tables, functions, nativeQueries }) => [
    name,
    tables,
    nativeQueries,
    [...functions.values()].map(({ rootFields }) => rootFields.function).join(' '),
  ]);
}
