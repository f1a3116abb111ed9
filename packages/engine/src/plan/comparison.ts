import type { PgType } from '../catalog/index.ts';
import {
  allOf,
  type BooleanExpression,
  completePattern,
  type Operand,
  type OperatorSpecification,
  type RightOperand,
  siblingType,
  underlyingType,
  type Value,
} from '../permissions/index.ts';
import type { InputObjectType, InputValue } from '../schema/index.ts';
import { InvariantError, type Path, unreachable } from '../support/index.ts';
import { builtInTypes } from './built-in-types.ts';
import { listValue, nullableValue, singleValue, valueReader } from './column-values.ts';
import { nested, type PlanContext } from './context.ts';
import { type Input, openObject, resolveEntry, resolveInput } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';
import { planningBoolean } from './strict-scalars.ts';

/** What stands on the left of comparisons. */
export interface ComparedOperand {
  readonly operand: Operand;
  readonly type: PgType;
}

/** An `S_comparison_exp`: all its operators hold. Source: spec/graphql-api.md 4.5. */
export function planComparison(
  input: Input,
  type: InputObjectType,
  left: ComparedOperand,
  path: Path,
  context: PlanContext,
): BooleanExpression {
  return nested(context, path, () =>
    allOf(
      openObject(input, type, path, context).flatMap(({ field, raw, path: place }) => {
        const value = resolveInput(raw, field, place, context);
        if (value.kind === 'null' && context.options.v1BooleanNullCollapse) return [];
        return [planOperator(field, value, left, place, context)];
      }),
    ),
  );
}

function planOperator(
  field: InputValue,
  input: Input,
  left: ComparedOperand,
  path: Path,
  context: PlanContext,
): BooleanExpression {
  const { meaning } = field;
  switch (meaning.kind) {
    case 'is-null':
      return { kind: 'null-test', operand: left.operand, isNull: planningBoolean(input, path, context) };
    case 'cast':
      return planCast(field, input, left, path, context);
    case 'operator':
      return {
        kind: 'comparison',
        operator: meaning.operator.operator,
        left: left.operand,
        right: planRight(meaning.operator, field, input, left, path, context),
        isNullSafe: false,
      };
    default:
      throw new InvariantError(`'${field.name}' (${meaning.kind}) is no comparison operator`);
  }
}

/** `_cast` names the target types; each holds the comparison of that type. */
function planCast(
  field: InputValue,
  input: Input,
  left: ComparedOperand,
  path: Path,
  context: PlanContext,
): BooleanExpression {
  return allOf(
    openObject(input, inputObjectOf(field), path, context).map((entry) => {
      const { meaning } = entry.field;
      if (meaning.kind !== 'cast') throw new InvariantError(`'${entry.field.name}' is no cast`);
      const operand: Operand = { kind: 'cast', operand: left.operand, type: meaning.to };
      return planComparison(
        resolveInput(entry.raw, entry.field, entry.path, context),
        inputObjectOf(entry.field),
        { operand, type: meaning.to },
        entry.path,
        context,
      );
    }),
  );
}

function planRight(
  { operator, operand: shape }: OperatorSpecification,
  field: InputValue,
  input: Input,
  left: ComparedOperand,
  path: Path,
  context: PlanContext,
): RightOperand {
  switch (shape) {
    case 'same': {
      const reader = valueReader(field.type, left.type);
      return { kind: 'value', value: completePattern(operator, singleValue(input, reader, path, context)) };
    }
    case 'list-of-same': {
      const reader = valueReader(field.type, left.type);
      return listValue(input, field.type, reader, path, context);
    }
    case 'text': {
      const reader = valueReader(field.type, builtInTypes.text);
      // the one operator that takes null, for which no key is there
      const read = operator === 'has-key' ? nullableValue : singleValue;
      return { kind: 'value', value: read(input, reader, path, context) };
    }
    case 'list-of-text':
      return listValue(input, field.type, valueReader(field.type, builtInTypes.text), path, context);
    case 'lquery':
    case 'ltxtquery':
    case 'boolean':
      return { kind: 'value', value: singleValue(input, valueReader(field.type, null), path, context) };
    case 'list-of-lquery': {
      const reader = valueReader(field.type, siblingType(underlyingType(left.type), 'lquery'));
      return listValue(input, field.type, reader, path, context);
    }
    case 'geometry-distance':
    case 'geography-distance':
      return planDistance(field, input, left, path, context);
    case 'band-geometry':
    case 'geometry-band':
      return planBand(field, input, path, context);
    default:
      return unreachable(shape);
  }
}

function planDistance(
  field: InputValue,
  input: Input,
  left: ComparedOperand,
  path: Path,
  context: PlanContext,
): RightOperand {
  const parts = readParts(field, input, path, context, left.type);
  return {
    kind: 'distance',
    from: partOf(parts, 'from'),
    distance: partOf(parts, 'distance'),
    useSpheroid: parts.get('use_spheroid') ?? null,
  };
}

function planBand(field: InputValue, input: Input, path: Path, context: PlanContext): RightOperand {
  const parts = readParts(field, input, path, context, null);
  return { kind: 'raster-band', geometry: partOf(parts, 'geommin'), band: parts.get('nband') ?? null };
}

/** The parts of a helper input such as `st_d_within_input`. `use_spheroid` may be null, which no distance is within. */
function readParts(
  field: InputValue,
  input: Input,
  path: Path,
  context: PlanContext,
  geometry: PgType | null,
): ReadonlyMap<string, Value> {
  const parts = new Map<string, Value>();
  for (const entry of openObject(input, inputObjectOf(field), path, context)) {
    const { meaning } = entry.field;
    if (meaning.kind !== 'part') throw new InvariantError(`'${entry.field.name}' is no part`);
    const value = resolveEntry(entry, context);
    const reader = valueReader(
      entry.field.type,
      meaning.name === 'from' ? geometry : typeOfPart(meaning.name),
    );
    const read = meaning.name === 'use_spheroid' ? nullableValue : singleValue;
    parts.set(meaning.name, read(value, reader, entry.path, context));
  }
  return parts;
}

/** Parts are read as columns are: a number may be a string. */
function typeOfPart(name: string): PgType | null {
  if (name === 'distance') return builtInTypes.float8;
  return name === 'nband' ? builtInTypes.int4 : null;
}

function partOf(parts: ReadonlyMap<string, Value>, name: string): Value {
  const part = parts.get(name);
  // openObject has refused an input without its required fields.
  if (part === undefined) throw new InvariantError(`part '${name}' is missing`);
  return part;
}
