import { Kind, type TypeNode } from 'graphql';
import { type Json, type JsonObject, Path, parseJson, RequestError } from '../../support/index.ts';
import type { EndpointMatch } from './endpoint-table.ts';

/** What a request to an endpoint gives beside the path. */
export interface EndpointInput {
  /** The query string, with or without `?`. */
  readonly search: string;
  /** The JSON object of the body; null without one. */
  readonly body: JsonObject | null;
}

/**
 * The variables of a request: the path's beat the body's beat the query string's. Texts are converted by the declared types.
 * Source: spec/server.md 1.7.
 * @throws RequestError `bad-request` for names that are not declared, and for lists as texts
 */
export function readVariables(
  { endpoint, variables: fromPath }: EndpointMatch,
  { search, body }: EndpointInput,
): JsonObject {
  const types = endpoint.variableTypes();
  const given = new Map<string, { readonly text: string } | { readonly json: Json }>();
  for (const [name, text] of new URLSearchParams(search)) given.set(name, { text });
  for (const [name, json] of Object.entries(body ?? {})) given.set(name, { json });
  for (const [name, text] of fromPath) given.set(name, { text });
  const variables: Record<string, Json> = Object.create(null);
  for (const [name, value] of given) {
    // trackers and forms add fields of their own; what no variable could be called is nobody's mistake
    if (!namePattern.test(name)) continue;
    const type = types.get(name);
    if (type === undefined) throw fault(`Unexpected variable ${name}`);
    const json = 'json' in value ? value.json : convert(name, value.text, type);
    if (json !== undefined) variables[name] = json;
  }
  return variables;
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Undefined: it counts as not given. */
function convert(name: string, text: string, type: TypeNode): Json | undefined {
  const isNullable = type.kind !== Kind.NON_NULL_TYPE;
  const inner = isNullable ? type : type.type;
  if (inner.kind === Kind.LIST_TYPE) {
    throw fault(
      `List variables are not currently supported in URL or Query parameters. (Variable ${name}, with value ${JSON.stringify(text)})`,
    );
  }
  const typeName = inner.name.value;
  if (text === '') {
    if (typeName === 'Boolean') return true;
    return isNullable ? undefined : '';
  }
  if (booleans.has(typeName) && (text === 'true' || text === 'false')) return text === 'true';
  return numbers.has(typeName) ? (numberOf(text) ?? text) : text;
}

const booleans: ReadonlySet<string> = new Set(['Boolean', 'Bool']);
const numbers: ReadonlySet<string> = new Set(['Int', 'Float', 'Number', 'Double', 'float8', 'numeric']);

/** A number as JSON writes it, with all its digits. */
function numberOf(text: string): Json | null {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? parseJson(text) : null;
}

function fault(message: string): RequestError {
  return new RequestError('bad-request', Path.root, message);
}
