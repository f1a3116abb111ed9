import { type CollectedField, introspect } from '../schema/index.ts';
import { InvariantError, type Json } from '../support/index.ts';
import { type DefinedField, expectLeaf, type SelectedField, withFieldsBelow } from './collect-fields.ts';
import { fault, type PlanContext } from './context.ts';
import { readArguments } from './field-arguments.ts';
import { planningBoolean, planningString } from './strict-scalars.ts';
import { namedType } from './type-text.ts';
import type { RootPlan } from './types.ts';

/**
 * What takes no more steps, in a schema that is not large, is made while planning, in some 30 ms, so that the plan that is kept has the answer: the description of a thousand types, with one step to find each
 * and one to write it.
 */
const mostPlannedSteps = 2_000;

/** The JSON of `__schema` or `__type` for this role, in pieces, or how to make it. Source: spec/graphql-api.md 12.7. */
export function planIntrospection(selected: DefinedField, context: PlanContext): RootPlan {
  const { responseKey: key } = selected;
  const root = selected.field.meaning.kind === 'schema' ? '__schema' : '__type';
  const { arguments: given, selection } = collect(selected, 0, context);
  const begin = () => introspect(root, given, selection, context.schema);
  const json = context.schema.isLarge ? null : finishWithin(mostPlannedSteps, begin());
  return json === null ? { kind: 'introspection', key, begin } : { kind: 'constant', key, json };
}

function finishWithin(steps: number, work: Iterable<Uint8Array | null>): readonly Uint8Array[] | null {
  const pieces: Uint8Array[] = [];
  let taken = 0;
  for (const piece of work) {
    if (++taken > steps) return null;
    if (piece !== null) pieces.push(piece);
  }
  return pieces;
}

/**
 * Lists of types within lists of types multiply: each level answers with everything that the one above leads to. Tools need two; graphql-js draws the line at
 * the same place (its MaxIntrospectionDepthRule).
 */
const mostNestedLists = 3;
const lists: ReadonlySet<string> = new Set(['fields', 'interfaces', 'possibleTypes', 'inputFields']);

function collect(selected: SelectedField, outerLists: number, context: PlanContext): CollectedField {
  const { field, responseKey } = selected;
  if (field === null) {
    expectLeaf(selected);
    return { responseKey, field, arguments: new Map(), selection: [] };
  }
  const given = readIntrospectionArguments({ ...selected, field }, context);
  const nestedLists = outerLists + (lists.has(field.name) ? 1 : 0);
  if (nestedLists > mostNestedLists) {
    throw fault(selected.path, `introspection nests more than ${mostNestedLists} lists of fields and types`);
  }
  if (namedType(field.type).kind !== 'object') {
    expectLeaf(selected);
    return { responseKey, field, arguments: given, selection: [] };
  }
  const selection = withFieldsBelow(selected, context, (fields) =>
    fields.map((below) => collect(below, nestedLists, context)),
  );
  return { responseKey, field, arguments: given, selection };
}

/** The answer becomes a part of the plan, hence all variables here are structural. */
function readIntrospectionArguments(selected: DefinedField, context: PlanContext): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  for (const { definition, input, path } of readArguments(selected, context)) {
    if (input.kind === 'null' && definition.type.kind !== 'non-null') continue;
    switch (definition.meaning.kind) {
      case 'type-name':
        values.set(definition.name, planningString(input, path, context));
        break;
      case 'include-deprecated':
        values.set(definition.name, planningBoolean(input, path, context));
        break;
      default:
        throw new InvariantError(`'${definition.name}' is no argument of introspection`);
    }
  }
  return values;
}
