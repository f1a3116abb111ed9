/** Global ids as clients send them back. Source: spec/graphql-api.md 16; conformance: TestRelayQueriesBasic. */
import { Buffer } from 'node:buffer';
import {
  describeKind,
  isJsonObject,
  type Json,
  JsonNumber,
  type Path,
  parseJson,
  stringifyJson,
} from '../../support/index.ts';
import { fault } from '../context.ts';

export interface NodeId {
  /** Null in ids of the first version, which do not name it. */
  readonly source: string | null;
  readonly schema: string;
  readonly name: string;
  /** Of the primary key's columns in their order. */
  readonly values: readonly Json[];
}

/** Throws a RequestError at `path`. */
export function parseNodeId(text: string, path: Path): NodeId {
  const bytes = Buffer.from(text, 'base64');
  const id = parseArray(bytes, path);
  const [version, ...rest] = id;
  if (version === undefined) throw invalid('unexpected GUID format, found empty list', path);
  const number = numberOf(version);
  if (number === 1) return parseFirstVersion(rest, path);
  if (number === 2) return parseSecondVersion(rest, path);
  if (number === null) throw invalid('unexpected GUID format, needs to start with a version number', path);
  throw invalid(`unsupported GUID version: ${decimal(number)}`, path);
}

/** Ids of equal shapes name rows of one table. */
export function shapeOfNodeId(value: Json, path: Path): string {
  const text = typeof value === 'string' ? value : stringifyJson(value);
  try {
    const { source, schema, name, values } = parseNodeId(text, path);
    return JSON.stringify([source, schema, name, values.length]);
  } catch {
    // no plan is ever made of these
    return `invalid ${text}`;
  }
}

function parseFirstVersion([schema, name, ...values]: readonly Json[], path: Path): NodeId {
  if (typeof schema !== 'string' || typeof name !== 'string' || values.length === 0) {
    throw invalid('GUID version 1: expecting schema name, table name and at least one column value', path);
  }
  return { source: null, schema, name, values };
}

function parseSecondVersion([source, kind, table, ...values]: readonly Json[], path: Path): NodeId {
  const isTable = table !== undefined && isJsonObject(table);
  const name = isTable ? table['name'] : undefined;
  const schema = isTable ? (table['schema'] ?? 'public') : undefined;
  if (
    typeof source !== 'string' ||
    kind !== 'postgres' ||
    typeof schema !== 'string' ||
    typeof name !== 'string' ||
    values.length === 0
  ) {
    throw invalid(
      'GUID version 2: expecting source name, backend type, table name and at least one column value',
      path,
    );
  }
  return { source, schema, name, values };
}

function parseArray(bytes: Buffer, path: Path): readonly Json[] {
  let json: Json;
  try {
    json = parseJson(bytes.toString('utf8'));
  } catch {
    // the bytes, each as a character
    throw invalid(`Failed reading: not a valid json value at '${bytes.toString('latin1')}'`, path);
  }
  if (!Array.isArray(json)) {
    throw invalid(`parsing node id failed, expected Array, but encountered ${describeKind(json)}`, path);
  }
  return json as readonly Json[];
}

function numberOf(value: Json): number | null {
  if (typeof value === 'number') return value;
  return value instanceof JsonNumber ? Number(value.text) : null;
}

/** `2.0`, as whole numbers are printed in this message. */
function decimal(number: number): string {
  return Number.isInteger(number) ? `${number}.0` : String(number);
}

function invalid(reason: string, path: Path): Error {
  return fault(path, `invalid node id: Error in $: ${reason}`);
}
