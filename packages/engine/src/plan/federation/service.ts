import { printSubgraph } from '../../schema/index.ts';
import { InvariantError } from '../../support/index.ts';
import { type DefinedField, expectLeaf, withFieldsBelow } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import { readArguments } from '../field-arguments.ts';

/** The JSON text of `_service`: the definition of the role's schema. Source: spec/remote-schemas.md 11. */
export function planService(selected: DefinedField, context: PlanContext): string {
  readArguments(selected, context);
  const members = withFieldsBelow(selected, context, (fields, type) =>
    fields.map((below) => {
      expectLeaf(below);
      const { field, responseKey } = below;
      if (field === null) return [responseKey, type.name];
      if (field.meaning.kind !== 'federation-sdl') throw new InvariantError(`'${field.name}' tells nothing`);
      readArguments({ ...below, field }, context);
      return [responseKey, printSubgraph(context.schema)];
    }),
  );
  return `{${members.map((member) => member.map((text) => JSON.stringify(text)).join(':')).join(',')}}`;
}
