import type { Column, Operand } from '../permissions/index.ts';
import type { TypeReference } from '../schema/index.ts';
import { InvariantError, type Path } from '../support/index.ts';
import type { PlanContext } from './context.ts';
import { planningEnum } from './enum-values.ts';
import { type Input, openList, resolveInput } from './input.ts';
import { columnOperand } from './operands.ts';
import { elementType, namedType } from './type-text.ts';

export interface NamedColumn {
  readonly column: Column;
  /** The column under its grant. */
  readonly operand: Operand;
}

/** A value of an enum such as `author_select_column`. */
export function readColumn(type: TypeReference, input: Input, path: Path, context: PlanContext): NamedColumn {
  const named = namedType(type);
  if (named.kind !== 'enum') throw new InvariantError(`type '${named.name}' names no columns`);
  const meaning = planningEnum(input, named, path, context);
  if (meaning.kind !== 'column') throw new InvariantError(`a value of '${named.name}' is no column`);
  return { column: meaning.grant.column, operand: columnOperand(meaning.grant) };
}

/** A list of such values. */
export function readColumns(
  type: TypeReference,
  input: Input,
  path: Path,
  context: PlanContext,
): readonly NamedColumn[] {
  const element = { type: elementType(type), defaultValue: null };
  return openList(input, path, context).map((item) => {
    const value = resolveInput(item.raw, element, item.path, context);
    return readColumn(element.type, value, item.path, context);
  });
}
