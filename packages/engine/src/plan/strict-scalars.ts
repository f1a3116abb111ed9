/**
 * The built-in scalars where arguments use them: only what the GraphQL specification allows. Columns are more liberal (column-values.ts).
 * Source: spec/graphql-api.md 4.1, 12.4.
 */
import { Kind } from 'graphql';
import type { PgType } from '../catalog/index.ts';
import { encodeValue, type Value } from '../permissions/index.ts';
import { type Json, JsonNumber, type Path } from '../support/index.ts';
import { builtInTypes } from './built-in-types.ts';
import { fault, type PlanContext } from './context.ts';
import { describeInput, type Input, variableSource } from './input.ts';

/** How one kind of scalar is read: `read` gives the parameter's text, or null when the input is no such value. */
export interface StrictScalar {
  readonly type: PgType;
  /** `a 32-bit integer for type 'Int'`. */
  readonly expectation: string;
  readonly read: (input: Input) => string | null;
  /** The type whose bounds numbers are held against, where what is beyond them is reported as numbers for columns are. */
  readonly bounds?: PgType;
}

export const strictInt: StrictScalar = {
  type: builtInTypes.int4,
  expectation: "a 32-bit integer for type 'Int'",
  read: (input) => integerText(input, -(2n ** 31n), 2n ** 31n),
  bounds: builtInTypes.int4,
};

/** `limit` and `batch_size`. */
export const strictLimit: StrictScalar = {
  type: builtInTypes.int8,
  expectation: "a non-negative 32-bit integer for type 'Int'",
  read: (input) => integerText(input, 0n, 2n ** 31n),
  bounds: builtInTypes.int4,
};

/** `offset`. */
export const strictOffset: StrictScalar = {
  type: builtInTypes.int8,
  expectation: "a 32-bit integer, or a 64-bit integer represented as a string for type 'Int'",
  read: (input) => {
    const text = stringOf(input);
    if (text === null) return integerText(input, -(2n ** 63n), 2n ** 63n);
    return /^\d{1,19}$/.test(text) ? wholeNumber(text, 0n, 2n ** 63n) : null;
  },
  bounds: builtInTypes.int8,
};

export const strictFloat: StrictScalar = {
  type: builtInTypes.float8,
  expectation: "a float for type 'Float'",
  read: numberText,
};

export const strictString: StrictScalar = {
  type: builtInTypes.text,
  expectation: "a string for type 'String'",
  read: stringOf,
};

export const strictBoolean: StrictScalar = {
  type: builtInTypes.bool,
  expectation: "a boolean for type 'Boolean'",
  read: (input) => {
    const value = booleanOf(input);
    return value === null ? null : String(value);
  },
};

/** By GraphQL name. */
export function strictScalarNamed(name: string): StrictScalar | null {
  return strictScalars.get(name) ?? null;
}

/**
 * A parameter of the scalar; a variable stays a variable. `encode` lives as long as the plan, hence it holds nothing of this request.
 */
export function strictValue(input: Input, scalar: StrictScalar, path: Path): Value {
  const text = readStrict(input, scalar, path);
  const { type } = scalar;
  if (input.kind !== 'variable') {
    return { source: { kind: 'literal', text }, type, isArray: false, input: 'text' };
  }
  const encode = (value: Json) => readStrict({ kind: 'json', value }, scalar, path);
  return { source: variableSource(input.name, input.steps, encode), type, isArray: false, input: 'text' };
}

/** A truth value that decides something while planning. */
export function planningBoolean(input: Input, path: Path, context: PlanContext): boolean {
  const value = booleanOf(input);
  if (value === null) throw mismatch(strictBoolean, input, path);
  if (input.kind === 'variable') context.structuralVariables.add(input.name);
  return value;
}

/** A string that decides something while planning. */
export function planningString(input: Input, path: Path, context: PlanContext): string {
  const value = stringOf(input);
  if (value === null) throw mismatch(strictString, input, path);
  if (input.kind === 'variable') context.structuralVariables.add(input.name);
  return value;
}

/** The parameter text of a scalar. */
export function readStrict(input: Input, scalar: StrictScalar, path: Path): string {
  const text = scalar.read(input);
  if (text === null) throw mismatch(scalar, input, path);
  return text;
}

const strictScalars: ReadonlyMap<string, StrictScalar> = new Map([
  ['Int', strictInt],
  ['Float', strictFloat],
  ['String', strictString],
  ['Boolean', strictBoolean],
]);

function mismatch(scalar: StrictScalar, input: Input, path: Path): Error {
  if (scalar.bounds !== undefined) {
    const number = numberIn(input);
    const isOfTheKind = number !== null && (scalar !== strictLimit || !String(number).startsWith('-'));
    // refuses what is beyond the bounds
    if (isOfTheKind) encodeValue(number, scalar.bounds, path);
  }
  return fault(path, `expected ${scalar.expectation}, but found ${describeInput(input)}`);
}

/** An integer of the document, any number of JSON. */
function numberIn(input: Input): number | JsonNumber | null {
  if (input.kind === 'null') return null;
  if (input.kind === 'literal') {
    return input.node.kind === Kind.INT ? new JsonNumber(input.node.value) : null;
  }
  const { value } = input;
  return typeof value === 'number' || value instanceof JsonNumber ? value : null;
}

function integerText(input: Input, least: bigint, end: bigint): string | null {
  if (input.kind === 'literal') {
    return input.node.kind === Kind.INT ? wholeNumber(input.node.value, least, end) : null;
  }
  return input.kind === 'null' ? null : integerOfJson(input.value, least, end);
}

/** JSON does not tell integers from other numbers: `1.0` and `1e3` are integral. */
function integerOfJson(value: Json, least: bigint, end: bigint): string | null {
  const text = value instanceof JsonNumber ? value.text : typeof value === 'number' ? String(value) : null;
  if (text === null) return null;
  if (/^-?\d+$/.test(text)) return wholeNumber(text, least, end);
  const number = Number(text);
  return Number.isSafeInteger(number) ? wholeNumber(String(number), least, end) : null;
}

function wholeNumber(text: string, least: bigint, end: bigint): string | null {
  if (text.length > 40) return null;
  const number = BigInt(text);
  return number >= least && number < end ? String(number) : null;
}

function numberText(input: Input): string | null {
  if (input.kind === 'literal') {
    const isNumber = input.node.kind === Kind.INT || input.node.kind === Kind.FLOAT;
    return isNumber ? input.node.value : null;
  }
  if (input.kind === 'null') return null;
  const { value } = input;
  return typeof value === 'number' || value instanceof JsonNumber ? String(value) : null;
}

function stringOf(input: Input): string | null {
  if (input.kind === 'literal') return input.node.kind === Kind.STRING ? input.node.value : null;
  return input.kind !== 'null' && typeof input.value === 'string' ? input.value : null;
}

function booleanOf(input: Input): boolean | null {
  if (input.kind === 'literal') return input.node.kind === Kind.BOOLEAN ? input.node.value : null;
  return input.kind !== 'null' && typeof input.value === 'boolean' ? input.value : null;
}
