/**
 * Values that are compared with columns, or handed to functions, as bind parameters: the liberal rules of PostgreSQL types, and enums of
 * enum tables. Source: spec/graphql-api.md 3.3, 9.3.
 */
import { Kind } from 'graphql';
import type { PgType } from '../catalog/index.ts';
import {
  type Column,
  encodeValue,
  inputOf,
  isGeographyType,
  isGeometryType,
  isTypeNamed,
  type RightOperand,
  travelsAsArray,
  underlyingType,
  type Value,
} from '../permissions/index.ts';
import type { EnumType, TypeReference } from '../schema/index.ts';
import { InvariantError, type Json, type Path, RequestError } from '../support/index.ts';
import { fault, type PlanContext, spend } from './context.ts';
import { readEnum } from './enum-values.ts';
import { type Input, inputToJson, openList, resolveInput, variableSource } from './input.ts';
import { readStrict, strictScalarNamed } from './strict-scalars.ts';
import { elementType, namedType } from './type-text.ts';

/** How the values of a place become the text of parameters. */
export interface ValueReader {
  /** What the parameter is cast to. */
  readonly type: PgType;
  /** GraphQL name, for messages. */
  readonly name: string;
  /** What is said where a value must not be null. */
  readonly nullFault: string;
  /** From JSON, not null. Cached plans keep this, so that it holds nothing of one request. */
  readonly encode: (value: Json, path: Path) => string;
  /** From the document: enum values are written otherwise there, and JSON may hold variables. */
  readonly readLiteral: (literal: LiteralInput, path: Path, context: PlanContext) => string;
  /** False: values cannot travel as one array parameter, and a variable's value decides how it is cast. */
  readonly isPlain: boolean;
}

type LiteralInput = Extract<Input, { kind: 'literal' }>;

/**
 * The reader for a place of this GraphQL type. `pgType` is what its values are compared with, or null for the type behind the
 * scalar itself, which for the built-in scalars of arguments takes only what GraphQL allows; for a domain values have the type under it, so that none of them breaks the domain's constraints.
 */
export function valueReader(location: TypeReference, pgType: PgType | null): ValueReader {
  const named = namedType(location);
  if (named.kind === 'enum') return enumReader(named, pgType === null ? null : underlyingType(pgType));
  if (named.kind !== 'scalar') throw new InvariantError(`type '${named.name}' has no values`);
  const type = pgType ?? named.pgType;
  if (type !== null) return columnReader(underlyingType(type), named.name);
  const scalar = strictScalarNamed(named.name);
  if (scalar === null) throw new InvariantError(`no rule reads values of '${named.name}'`);
  return {
    type: scalar.type,
    name: named.name,
    nullFault: nullFaultOf(named.name),
    encode: (value, path) => readStrict({ kind: 'json', value }, scalar, path),
    readLiteral: (literal, path) => readStrict(literal, scalar, path),
    isPlain: true,
  };
}

/** The reader for the argument of a function: of arrays and domains the schema knows the name only, and takes PostgreSQL's text for them. */
export function argumentReader(location: TypeReference, pgType: PgType): ValueReader {
  const named = namedType(location);
  const isOpaque = named.kind === 'scalar' && ['array', 'domain'].includes(named.pgType?.kind ?? '');
  if (!isOpaque) return valueReader(location, pgType);
  const encode = (value: Json, path: Path): string => {
    if (typeof value === 'string') return value;
    throw new RequestError('parse-failed', path, `A string is expected for type: ${pgType.name}`);
  };
  return {
    type: pgType,
    name: named.name,
    nullFault: nullFaultOf(named.name),
    encode,
    readLiteral: (literal, path, context) => encode(inputToJson(literal, path, context), path),
    isPlain: true,
  };
}

/** One value as a parameter. A variable stays a variable unless its value decides the cast. */
export function singleValue(input: Input, reader: ValueReader, path: Path, context: PlanContext): Value {
  if (input.kind === 'null') throw unexpectedNull(reader, path);
  const { type } = reader;
  const text =
    input.kind === 'literal' ? reader.readLiteral(input, path, context) : reader.encode(input.value, path);
  if (input.kind === 'variable' && reader.isPlain) {
    return { source: sourceOf(input.name, input.steps, reader, path), type, isArray: false, input: 'text' };
  }
  const form = reader.isPlain ? 'text' : inputOf(type, inputToJson(input, path, context));
  return { source: { kind: 'literal', text }, type, isArray: false, input: form };
}

/** A nullable value: null is the parameter NULL. */
export function nullableValue(input: Input, reader: ValueReader, path: Path, context: PlanContext): Value {
  if (input.kind !== 'null') return singleValue(input, reader, path, context);
  return {
    source: { kind: 'literal', text: null },
    type: reader.type,
    isArray: false,
    input: reader.isPlain ? 'text' : inputOf(reader.type),
  };
}

/** A value to be stored. A column that takes no NULL is not given one. */
export function storedValue(
  input: Input,
  column: Column,
  reader: ValueReader,
  path: Path,
  context: PlanContext,
): Value {
  return (column.isNullable ? nullableValue : singleValue)(input, reader, path, context);
}

/** `storedValue` for what is inside of a variable. */
export function storedText(value: Json, column: Column, reader: ValueReader, path: Path): string | null {
  if (value !== null) return reader.encode(value, path);
  if (!column.isNullable) throw unexpectedNull(reader, path);
  return null;
}

/** A list of values: one array parameter where that is possible. */
export function listValue(
  input: Input,
  location: TypeReference,
  reader: ValueReader,
  path: Path,
  context: PlanContext,
): RightOperand {
  if (input.kind === 'null') throw fault(path, 'expected a list, but found null');
  if (travelsAsArray(reader.type) && !hasVariables(input)) {
    return { kind: 'value', value: arrayParameter(input, reader, path, context) };
  }
  const elements = openList(input, path, context).map((item) => {
    const element = resolveInput(
      item.raw,
      { type: elementType(location), defaultValue: null },
      item.path,
      context,
    );
    return singleValue(element, reader, item.path, context);
  });
  return { kind: 'list', elements, type: reader.type };
}

const isRaster = isTypeNamed('raster');

function columnReader(type: PgType, name: string): ValueReader {
  const isPlain = !isGeometryType(type) && !isGeographyType(type) && !isRaster(type);
  return {
    type,
    name,
    nullFault: nullFaultOf(name),
    encode: (value, path) => encodeValue(value, type, path),
    readLiteral: (literal, path, context) => encodeValue(inputToJson(literal, path, context), type, path),
    isPlain,
  };
}

/** Enum tables store text; the name in the schema may differ from it (spec/graphql-api.md 2.5). */
function enumReader(named: EnumType, pgType: PgType | null): ValueReader {
  if (pgType === null) throw new InvariantError(`no column gives values of '${named.name}' a type`);
  const stored = (input: Input, path: Path): string => {
    const meaning = readEnum(input, named, path);
    if (meaning.kind !== 'enum-table')
      throw new InvariantError(`'${named.name}' is not an enum table's type`);
    return meaning.value;
  };
  return {
    type: pgType,
    name: named.name,
    nullFault: `expected an enum value for type '${named.name}', but found null`,
    encode: (value, path) => stored({ kind: 'json', value }, path),
    readLiteral: stored,
    isPlain: true,
  };
}

type Steps = Extract<Input, { kind: 'variable' }>['steps'];

function sourceOf(name: string, steps: Steps, reader: ValueReader, path: Path): Value['source'] {
  return variableSource(name, steps, (value) => reader.encode(value, path));
}

function listSourceOf(name: string, steps: Steps, reader: ValueReader, path: Path): Value['source'] {
  return variableSource(name, steps, (value) => encodeElements(value, reader, path));
}

function arrayParameter(
  input: Exclude<Input, { kind: 'null' }>,
  reader: ValueReader,
  path: Path,
  context: PlanContext,
): Value {
  const { type } = reader;
  const text =
    input.kind === 'literal'
      ? literalList(input, reader, path, context)
      : encodeElements(input.value, reader, path);
  if (input.kind === 'variable') {
    return {
      source: listSourceOf(input.name, input.steps, reader, path),
      type,
      isArray: true,
      input: 'text',
    };
  }
  return { source: { kind: 'literal', text }, type, isArray: true, input: 'text' };
}

/** Elements are read as they are written, since an enum's literal is no string; none of them is a variable. */
function literalList({ node }: LiteralInput, reader: ValueReader, path: Path, context: PlanContext): string {
  const elements = node.kind === Kind.LIST ? node.values : [node];
  spend(context, path, elements.length);
  const texts = elements.map((element, index) => {
    const place = path.child(index);
    if (element.kind === Kind.NULL) throw unexpectedNull(reader, place);
    return reader.readLiteral({ kind: 'literal', node: element }, place, context);
  });
  return arrayLiteral(texts);
}

function hasVariables(input: Input): boolean {
  return (
    input.kind === 'literal' &&
    input.node.kind === Kind.LIST &&
    input.node.values.some(({ kind }) => kind === Kind.VARIABLE)
  );
}

/** The array literal of a JSON list, or of one bare value. */
function encodeElements(value: Json, reader: ValueReader, path: Path): string {
  const elements: readonly Json[] = Array.isArray(value) ? value : [value];
  return arrayLiteral(
    elements.map((element, index) => {
      const place = path.child(index);
      if (element === null) throw unexpectedNull(reader, place);
      return reader.encode(element, place);
    }),
  );
}

/** The literal of an array. Numbers stand as they are, everything else in quotes; null is NULL. */
export function arrayLiteral(texts: readonly (string | null)[]): string {
  const items = texts.map((text) =>
    text === null ? 'NULL' : /^-?\d+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`,
  );
  return `{${items.join(',')}}`;
}

function nullFaultOf(name: string): string {
  return `unexpected null value for type '${name}'`;
}

function unexpectedNull({ nullFault }: ValueReader, path: Path): Error {
  return fault(path, nullFault);
}
