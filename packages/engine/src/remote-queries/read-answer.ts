/** Answers of services. Source: spec/remote-schemas.md 6.4. */
import type { PendingJoin } from '../execute/index.ts';
import type { RemoteSchemaAccess } from '../model/index.ts';
import { isJsonObject, type Json, type JsonObject, Path, parseJson, RequestError } from '../support/index.ts';
import type { SentField, SentItem, SentSelection } from './sent.ts';

/**
 * The data of an answer.
 * @throws RequestError; errors of the service are passed on as they are
 */
export function readData(body: string, prioritizesData: boolean): JsonObject {
  const answer = parseAnswer(body);
  const data = answer['data'];
  const errors = answer['errors'];
  const hasErrors = errors !== undefined && errors !== null;
  if (hasErrors && !(prioritizesData && isJsonObject(data))) throw errorsOf(errors);
  if (data === undefined) throw malformed('Missing "data" field with no errors in response from remote');
  if (data === null) throw malformed('Received null "data" field with no errors in response from remote');
  if (!isJsonObject(data)) throw malformed('expecting ordered object');
  return data;
}

function parseAnswer(body: string): JsonObject {
  let answer: Json;
  try {
    answer = parseJson(body);
  } catch (error) {
    throw malformed('Remote server response is not valid JSON', error);
  }
  if (!isJsonObject(answer)) throw malformed('expecting ordered object');
  return answer;
}

function errorsOf(errors: Json): RequestError {
  if (!Array.isArray(errors)) return malformed('Invalid "errors" field in response from remote');
  if (errors.length === 0) return malformed('Empty "errors" field in response from remote');
  return new RequestError('remote-schema-error', Path.root, 'the remote schema answered with errors', {
    upstreamErrors: errors as readonly Json[],
  });
}

/** The field's value as the client's selection wants it: its keys in its order, types under our names. */
export function readField(
  data: JsonObject,
  { key, selection }: SentField,
  access: RemoteSchemaAccess,
): { readonly value: Json; readonly joins: readonly PendingJoin[] } {
  const value = data[key];
  if (value === undefined) throw malformed(`expecting key ${key}`);
  return readValue(value, selection, access);
}

/** A value below the answer's fields, in the same way. */
export function readValue(
  value: Json,
  selection: SentSelection | null,
  access: RemoteSchemaAccess,
): { readonly value: Json; readonly joins: readonly PendingJoin[] } {
  const joins: PendingJoin[] = [];
  return {
    value: selection === null ? value : new AnswerReader(access, joins).read(value, selection),
    joins,
  };
}

class AnswerReader {
  readonly #access: RemoteSchemaAccess;
  readonly #joins: PendingJoin[];

  constructor(access: RemoteSchemaAccess, joins: PendingJoin[]) {
    this.#access = access;
    this.#joins = joins;
  }

  read(value: Json, selection: SentSelection): Json {
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => this.read(item, selection));
    return isJsonObject(value) ? this.#readObject(value, selection) : value;
  }

  #readObject(value: JsonObject, selection: SentSelection): Json {
    const result: Record<string, Json> = Object.create(null);
    for (const item of this.#itemsOf(value, selection)) {
      switch (item.kind) {
        case 'typename':
          result[item.key] = this.#typeName(value[item.key], selection);
          break;
        case 'field': {
          const member = value[item.key] ?? null;
          result[item.key] = item.selection === null ? member : this.read(member, item.selection);
          break;
        }
        case 'join': {
          result[item.key] = null;
          const values = item.valueKeys.map((key) => value[key] ?? null);
          if (values.includes(null)) break;
          this.#joins.push({ holder: result, key: item.key, join: item.join, values });
          break;
        }
      }
    }
    return result;
  }

  #itemsOf(
    value: JsonObject,
    { discriminator, byType, groups, groupOf, other }: SentSelection,
  ): readonly SentItem[] {
    const original = discriminator === null ? null : value[discriminator];
    if (typeof original !== 'string') return other;
    const group = groupOf.get(this.#access.schema.naming.typeName(original));
    return byType.get(original) ?? (group === undefined ? undefined : groups[group]) ?? other;
  }

  /** A type that the role does not see is told as the one that it asked for. */
  #typeName(original: Json | undefined, { typeName }: SentSelection): string {
    const { schema, typeSystem } = this.#access;
    if (typeof original !== 'string' || !typeSystem.types.has(original)) return typeName;
    return schema.naming.typeName(original);
  }
}

function malformed(message: string, cause?: unknown): RequestError {
  return new RequestError('remote-schema-error', Path.root, message, { cause });
}
