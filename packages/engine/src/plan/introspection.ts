import { type CollectedField, resolveIntrospectionField } from '../schema/index.ts';
import { InvariantError, type Json } from '../support/index.ts';
import { type DefinedField, expectLeaf, type SelectedField, withFieldsBelow } from './collect-fields.ts';
import type { PlanContext } from './context.ts';
import { readArguments } from './field-arguments.ts';
import { planningBoolean, planningString } from './strict-scalars.ts';
import { namedType } from './type-text.ts';

/** The JSON text of `__schema` or `__type` for this role. Source: spec/graphql-api.md 12.7. */
export function planIntrospection(selected: DefinedField, context: PlanContext): string {
  const root = selected.field.meaning.kind === 'schema' ? '__schema' : '__type';
  const { arguments: given, selection } = collect(selected, context);
  return resolveIntrospectionField(root, given, selection, context.schema);
}

function collect(selected: SelectedField, context: PlanContext): CollectedField {
  const { field, responseKey } = selected;
  if (field === null) {
    expectLeaf(selected);
    return { responseKey, field, arguments: new Map(), selection: [] };
  }
  const given = readIntrospectionArguments({ ...selected, field }, context);
  if (namedType(field.type).kind !== 'object') {
    expectLeaf(selected);
    return { responseKey, field, arguments: given, selection: [] };
  }
  const selection = withFieldsBelow(selected, context, (fields) =>
    fields.map((below) => collect(below, context)),
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
