import type { DelegatedAnswer, DelegatedRequest, RemoteFieldJoiner } from '../execute/index.ts';
import type { RemoteFieldStep } from '../model/index.ts';
import type { RemoteFieldJoin } from '../plan/index.ts';
import { callRemoteSchema, namedTypeOf, type RemoteField } from '../remote-schemas/index.ts';
import {
  InvariantError,
  isJsonObject,
  type Json,
  type JsonObject,
  Path,
  parseJson,
  RequestError,
  stringifyJson,
} from '../support/index.ts';
import { headersFor, type RemoteQueryOptions } from './executor.ts';
import type { JoinedPlace } from './field-printer.ts';
import { type JoinSurroundings, printFixedArguments } from './join-arguments.ts';
import { makeJoinedField } from './operation.ts';
import { printArguments } from './print-value.ts';
import { readValue } from './read-answer.ts';
import type { SentJoinedField } from './sent.ts';

/** More rows than this are asked for in several requests, one after the other. */
const maximumRows = 1000;

/**
 * Looks up fields of remote schemas for rows: one request with an aliased field for each row of values, `f0`, `f1`, … Source: spec/remote-schemas.md 10.
 */
export function createRemoteFieldJoiner(options: RemoteQueryOptions): RemoteFieldJoiner {
  const prepared = new WeakMap<RemoteFieldJoin, PreparedJoin>();

  function prepare(join: RemoteFieldJoin): PreparedJoin {
    const known = prepared.get(join);
    if (known !== undefined) return known;
    const made = prepareJoin(join, options);
    prepared.set(join, made);
    return made;
  }

  return {
    async join(join, rows, request) {
      const ready = prepare(join);
      const answers: DelegatedAnswer[] = [];
      for (let start = 0; start < rows.length; start += maximumRows) {
        answers.push(...(await ask(join, ready, rows.slice(start, start + maximumRows), request, options)));
      }
      return answers;
    },
  };
}

/** A step of the path with what the role sees of it. */
interface PreparedStep {
  readonly step: RemoteFieldStep;
  readonly definition: RemoteField;
}

interface PreparedJoin {
  readonly steps: readonly PreparedStep[];
  readonly field: SentJoinedField;
}

function prepareJoin({ access, steps, field }: RemoteFieldJoin, options: RemoteQueryOptions): PreparedJoin {
  const { typeSystem } = access;
  const prepared: PreparedStep[] = [];
  const way: JoinedPlace[] = [];
  let parent = typeSystem.roots.query;
  for (const step of steps) {
    const type = typeSystem.types.get(parent);
    const definition =
      type?.kind === 'object' || type?.kind === 'interface' ? type.fields.get(step.field) : undefined;
    if (definition === undefined) {
      throw new InvariantError(`the remote schema has no field "${parent}.${step.field}"`);
    }
    prepared.push({ step, definition });
    way.push({ parent, name: step.field, fixed: new Set(step.arguments.keys()) });
    parent = namedTypeOf(definition.type);
  }
  const place = way.pop();
  if (place === undefined) throw new InvariantError('a relationship to a remote schema leads to a field');
  return { steps: prepared, field: makeJoinedField(field, access, { way, place }, options) };
}

async function ask(
  join: RemoteFieldJoin,
  { steps, field }: PreparedJoin,
  rows: readonly (readonly Json[])[],
  request: DelegatedRequest,
  options: RemoteQueryOptions,
): Promise<readonly DelegatedAnswer[]> {
  const { access } = join;
  const { session } = request;
  const { variables } = request.request;
  const surroundings = { access, session, variables };
  const texts = rows.map((values, index) => {
    const row = new Map(join.variables.map((name, position) => [name, values[position] ?? null]));
    return `f${index}: ${printPath(steps, field, row, surroundings)}`;
  });
  const declared = field.variables.map(({ name, type }) => `$${name}: ${type}`).join(',');
  const given: Record<string, Json> = Object.create(null);
  for (const { name, readValue: read } of field.variables) given[name] = read({ session, variables });
  const body = stringifyJson({
    query: `query ${declared === '' ? '' : `(${declared})`} { ${texts.join(' ')} }`,
    ...(field.variables.length === 0 ? {} : { variables: given }),
  });
  const { endpoint } = access.schema;
  const headers = headersFor(endpoint, request, options);
  const answer = await callRemoteSchema(options.client, endpoint, { headers, body, signal: request.signal });
  const data = readJoinedData(answer.body);
  return rows.map((_, index) => readValue(follow(data, index, steps), field.selection, access));
}

/** `first(…) { second(…) { last(…) { … } } }` for one row. */
function printPath(
  [current, ...rest]: readonly PreparedStep[],
  field: SentJoinedField,
  row: ReadonlyMap<string, Json>,
  surroundings: JoinSurroundings,
): string {
  if (current === undefined) return '';
  const { step, definition } = current;
  const isLast = rest.length === 0;
  const fixed = printFixedArguments(
    step.arguments,
    definition.arguments,
    row,
    isLast ? field.shared : nothingShared,
    surroundings,
  );
  const beside = isLast ? field.arguments : (field.before[field.before.length - rest.length] ?? []);
  const given = [...fixed, ...beside];
  const below = isLast ? field.selectionText : ` { ${printPath(rest, field, row, surroundings)} }`;
  return `${step.field}${printArguments(given)}${below}`;
}

const nothingShared: ReadonlyMap<string, never> = new Map<string, never>();

/** Errors of a service are told as a fault of the whole operation, and so is an answer that is none. Source: spec/remote-schemas.md 10. */
function readJoinedData(body: string): JsonObject {
  let answer: Json;
  try {
    answer = parseJson(body);
  } catch (error) {
    throw malformed(
      `Remote server response is not valid JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (!isJsonObject(answer)) throw malformed('expecting ordered object');
  const { errors = null, data } = answer;
  if (errors !== null) {
    throw new RequestError('unexpected', Path.root, 'Errors from remote server', { internal: { errors } });
  }
  if (data === undefined) throw malformed('"data" field not found in remote response');
  if (!isJsonObject(data)) throw malformed('expecting ordered object');
  return data;
}

/** What the path leads to in the answer for a row; null where it breaks off. */
function follow(data: JsonObject, index: number, steps: readonly PreparedStep[]): Json {
  return below(data, [`f${index}`, ...steps.slice(1).map(({ step }) => step.field)]);
}

function below(value: Json, path: readonly string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => below(item, path));
  if (!isJsonObject(value)) {
    throw malformed(`unexpected non-object json value found while path not empty: ${path.join(', ')}`);
  }
  const member = value[key];
  if (member === undefined) throw malformed(`failed to lookup key '${key}' in response`);
  return below(member, rest);
}

function malformed(message: string): RequestError {
  return new RequestError('unexpected', Path.root, message, { status: 500 });
}
