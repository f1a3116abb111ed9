import { Kind } from 'graphql';
import type { EnumType, EnumValueMeaning } from '../schema/index.ts';
import type { Path } from '../support/index.ts';
import { fault, type PlanContext } from './context.ts';
import { describeInput, type Input } from './input.ts';

/**
 * What an enum value means. Documents write enum literals, variables carry strings. Source: spec/graphql-api.md 9.3, 12.4.
 */
export function readEnum(input: Input, type: EnumType, path: Path): EnumValueMeaning {
  const name = enumName(input);
  if (name === null) {
    throw fault(path, `expected an enum value for type '${type.name}', but found ${describeInput(input)}`);
  }
  const value = type.values.get(name);
  if (value === undefined) {
    const known = [...type.values.keys()].sort().map((known) => `'${known}'`);
    throw fault(
      path,
      `expected one of the values [${known.join(', ')}] for type '${type.name}', but found '${name}'`,
    );
  }
  return value.meaning;
}

/** `readEnum` where the value shapes the plan. */
export function planningEnum(
  input: Input,
  type: EnumType,
  path: Path,
  context: PlanContext,
): EnumValueMeaning {
  if (input.kind === 'variable') context.structuralVariables.add(input.name);
  return readEnum(input, type, path);
}

function enumName(input: Input): string | null {
  if (input.kind === 'literal') return input.node.kind === Kind.ENUM ? input.node.value : null;
  return input.kind !== 'null' && typeof input.value === 'string' ? input.value : null;
}
