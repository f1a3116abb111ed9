/**
 * Values that are compared with columns, or handed to functions, as bind parameters: the liberal rules of PostgreSQL types, and enums of
 * enum tables. Source: spec/graphql-api.md 3.3, 9.3.
 */
import { Kind } from 'graphql';
import type { PgType } from '../catalog/index.ts';
import {
  encodeList,
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
import { InvariantError, type Json, type Path } from '../support/index.ts';
import { fault, type PlanContext, spend } from './context.ts';
import { readEnum } from './enum-values.ts';
import { type Input, inputToJson, openList, resolveInput } from './input.ts';
import { readStrict, strictScalarNamed } from './strict-scalars.ts';
import { elementType, namedType } from './type-text.ts';

/** How one value of a location becomes the text of a parameter. */
export interface ValueReader {
  /** What the parameter is cast to. */
  readonly type: PgType;
  /** GraphQL name, for messages. */
  readonly name: string;
  readonly readText: (input: Input, path: Path, context: PlanContext) => string;
  /** The literal of an array of such values, from JSON. */
  readonly readList: (values: readonly Json[], path: Path) => string;
  /** False: values cannot travel as one array parameter, and a variable's value decides how it is cast. */
  readonly isPlain: boolean;
}

/**
 * The reader for a place of this GraphQL type. `pgType` is what its values are compared with, or null for the type behind the
 * scalar itself; for a domain values have the type under it, so that none of them breaks the domain's constraints.
 */
export function valueReader(location: TypeReference, pgType: PgType | null): ValueReader {
  const named = namedType(location);
  if (named.kind === 'enum') return enumReader(named, pgType === null ? null : underlyingType(pgType));
  if (named.kind !== 'scalar') throw new InvariantError(`type '${named.name}' has no values`);
  if (named.pgType !== null) return columnReader(underlyingType(pgType ?? named.pgType), named.name);
  const scalar = strictScalarNamed(named.name);
  if (scalar === null) throw new InvariantError(`no rule reads values of '${named.name}'`);
  return {
    type: scalar.type,
    name: named.name,
    readText: (input, path) => readStrict(input, scalar, path),
    readList: (values, path) =>
      arrayLiteral(values.map((value, index) => readStrict(jsonInput(value), scalar, path.child(index)))),
    isPlain: true,
  };
}

/** One value as a parameter. A variable stays a variable unless its value decides the cast. */
export function singleValue(input: Input, reader: ValueReader, path: Path, context: PlanContext): Value {
  if (input.kind === 'null') throw fault(path, `unexpected null value for type '${reader.name}'`);
  const text = reader.readText(input, path, context);
  const { type } = reader;
  if (input.kind === 'variable' && reader.isPlain) {
    const encode = (value: Json) => reader.readText({ ...input, value }, path, context);
    return { source: { kind: 'variable', name: input.name, encode }, type, isArray: false, input: 'text' };
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
    readText: (input, path, context) => {
      const json = input.kind === 'variable' ? input.value : inputToJson(input, path, context);
      return encodeValue(refuseNull(json, name, path), type, path);
    },
    readList: (values, path) => {
      for (const [index, value] of values.entries()) refuseNull(value, name, path.child(index));
      return encodeList(values, type, path);
    },
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
    readText: stored,
    readList: (values, path) =>
      arrayLiteral(values.map((value, index) => stored(jsonInput(value), path.child(index)))),
    isPlain: true,
  };
}

function arrayParameter(
  input: Exclude<Input, { kind: 'null' }>,
  reader: ValueReader,
  path: Path,
  context: PlanContext,
): Value {
  const { type } = reader;
  if (input.kind === 'variable') {
    const encode = (value: Json) => reader.readList(asList(value), path);
    encode(input.value);
    return { source: { kind: 'variable', name: input.name, encode }, type, isArray: true, input: 'text' };
  }
  const text =
    input.kind === 'json'
      ? reader.readList(asList(input.value), path)
      : literalList(input, reader, path, context);
  return { source: { kind: 'literal', text }, type, isArray: true, input: 'text' };
}

/** Elements are read as they are written, since an enum's literal is no string; none of them is a variable. */
function literalList(
  { node }: Extract<Input, { kind: 'literal' }>,
  reader: ValueReader,
  path: Path,
  context: PlanContext,
): string {
  const elements = node.kind === Kind.LIST ? node.values : [node];
  spend(context, path, elements.length);
  const texts = elements.map((element, index) => {
    const place = path.child(index);
    if (element.kind === Kind.NULL) throw fault(place, `unexpected null value for type '${reader.name}'`);
    return reader.readText({ kind: 'literal', node: element }, place, context);
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

function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function jsonInput(value: Json): Input {
  return value === null ? { kind: 'null' } : { kind: 'json', value };
}

function refuseNull(value: Json, name: string, path: Path): Json {
  if (value === null) throw fault(path, `unexpected null value for type '${name}'`);
  return value;
}
