/**
 * Damaged requests of every kind against an engine in this process: none may end it, hang it, make it say that it is at fault, or stay in its
 * memory.
 *
 *   npm run fuzz -- [--count 20000] [--seed 1] [--first 0]
 *
 * Every input comes from the seed and its own number; `--first N --count 1` with the seed that was printed sends input N alone.
 */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openDatabase } from '../packages/engine/src/database/index.ts';
import { createEngine } from '../packages/engine/src/index.ts';
import { startGraphqlService } from '../packages/engine/test/support/graphql-service.ts';
import { startTestPostgres } from '../packages/engine/test/support/postgres-server.ts';
import {
  commands,
  headers,
  metadata,
  operations,
  paths,
  relayOperations,
  remoteSdl,
  schemaSql,
} from './fuzz/corpus.ts';
import { mutateJson, mutateLiteral, mutateText } from './fuzz/mutate.ts';
import { type Random, randomOf } from './fuzz/random.ts';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    first: { type: 'string', default: '0' },
  },
});
const count = Number(options.count);
const seed = Number(options.seed);
const first = Number(options.first);

/** After so many inputs the metadata is again as it was, since some inputs change it. */
const inputsPerRound = 100;
/** Sent at a time. */
const inFlight = 8;
/** An input that takes longer counts as one that hangs. */
const deadlineMs = 20_000;
/** More than this after collection, from an early round to the last, counts as a leak. */
const growthMiB = 48;

const secret = 'fuzz-secret';
const postgres = await startTestPostgres();
const database = `postern_fuzz_${process.pid}`;
const server = openDatabase({ url: postgres.url, maxConnections: 1 });
await server.script(`create database ${database} template template0 encoding 'UTF8'`);
const url = new URL(postgres.url);
url.pathname = `/${database}`;
const data = openDatabase({ url: url.href, maxConnections: 1 });
await data.script(schemaSql);

/** Log lines of faults, with their stacks; they come before the answer. */
let faults: string[] = [];
const town = (id: number) => ({
  __typename: 'Town',
  id,
  name: `town ${id}`,
  near: [{ __typename: 'Park', id: 1, area: 1.5 }],
});
const service = await startGraphqlService(
  remoteSdl,
  {
    town: ({ id }: { id: number }) => town(id),
    find: () => [town(1), { __typename: 'Park', id: 2, area: 0.1 }],
    rename: ({ id }: { id: number }) => town(id),
  },
  () => [{ id: 1, inner: { id: 2 } }, null],
);
const engine = await createEngine({
  databaseUrl: url.href,
  enableApolloFederation: true,
  environment: { ...process.env, HASURA_GRAPHQL_DATABASE_URL: url.href, FUZZ_SERVICE: service.url },
  adminSecret: secret,
  enabledLogTypes: new Set(),
  writeLog: (lines) => {
    if (/"level":"error"/.test(lines)) faults.push(lines.slice(0, 4_000));
  },
});

/** What the contract itself calls unexpected, or answers with 500. Source: spec/metadata-api.md 1.5, 4.3, 5.1, 5.3. */
const expected =
  /inconsistent metadata|Encountered conflicting definitions|Only read-only queries are allowed in a concurrent_bulk|Bulk atomic does not support|"error":"connection error"[^}]*(?:source|terminating)/;

/** What PostgreSQL refuses for reasons that only it can know: functions for types that lack them, its own limits. */
const databaseRefusals =
  /function (?:max|min|avg|sum|var_pop|stddev\w*|variance|var_samp)\(|stack depth limit exceeded|out of range|could not (?:identify an ordering|identify an equality) operator|could not determine (?:which|interpretation)|target lists can have at most/;

const findings = new Map<string, number>();
const outcomes = new Map<string, number>();
console.log(`seed ${seed}, ${count} inputs from ${first}`);
const startedAt = performance.now();
let earlyMiB = 0;
try {
  for (let start = first; start < first + count; start += inputsPerRound) {
    await reset();
    const end = Math.min(start + inputsPerRound, first + count);
    for (let index = start; index < end; index += inFlight) {
      const indexes = Array.from({ length: Math.min(inFlight, end - index) }, (_, offset) => index + offset);
      await Promise.all(indexes.map(send));
    }
    const done = end - first;
    if (earlyMiB === 0 && done >= count / 5) earlyMiB = await heapMiB();
    if (done % 2_000 === 0)
      console.log(`${done} inputs, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  await reset();
  const lateMiB = await heapMiB();
  console.log(
    `memory after collection: ${earlyMiB.toFixed(0)} MiB early, ${lateMiB.toFixed(0)} MiB at the end`,
  );
  if (lateMiB - earlyMiB > growthMiB) findings.set('memory has grown', -1);
} finally {
  await engine.close();
  await service.close();
  await data.close();
  await server.script(`drop database ${database} with (force)`);
  await server.close();
  await postgres.stop();
}
for (const [outcome, times] of [...outcomes].sort((a, b) => b[1] - a[1]))
  console.log(`${String(times).padStart(7)} ${outcome}`);
console.log(`${findings.size} findings`);
process.exit(findings.size === 0 ? 0 : 1);

async function reset(): Promise<void> {
  await data.script('truncate articles restart identity');
  const answer = await ask('/v1/metadata', JSON.stringify({ type: 'replace_metadata', args: metadata }), {});
  if (answer.status !== 200) report('the metadata cannot be put back', -1, 'replace_metadata', answer);
}

interface Input {
  readonly path: string;
  readonly method: string;
  readonly body: string | Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

async function send(index: number): Promise<void> {
  const input = inputOf(randomOf(seed * 1_000_003 + index));
  const answer = await ask(input.path, input.body, input.headers, input.method);
  const kind = verdict(answer);
  outcomes.set(answer.code, (outcomes.get(answer.code) ?? 0) + 1);
  if (kind !== null) report(kind, index, input, answer);
  faults = [];
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** The error's code, or the status. */
  readonly code: string;
}

async function ask(
  path: string,
  body: Input['body'],
  extra: Readonly<Record<string, string>>,
  method = 'POST',
): Promise<Answer> {
  const given = new Headers({ 'x-hasura-admin-secret': secret });
  for (const [name, value] of Object.entries(extra)) {
    try {
      given.set(name, value);
    } catch {
      // no client can send it either
    }
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), deadlineMs);
  });
  try {
    const request = new Request(`http://fuzz.test${path}`, {
      method,
      headers: given,
      ...(body === null || method === 'GET' || method === 'HEAD' ? {} : { body }),
    });
    const response = await Promise.race([engine.fetch(request), late]);
    const text = await response.text();
    return { status: response.status, text, code: codeOf(text) ?? String(response.status) };
  } catch (error) {
    return { status: 0, text: String(error instanceof Error ? error.stack : error), code: 'rejected' };
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(text: string): string | null {
  return (
    /^\{"errors":\[\{.*?"code":"([^"]*)"/s.exec(text)?.[1] ??
    /^\{"error":.*?"code":"([^"]*)"/s.exec(text)?.[1] ??
    null
  );
}

/** Why an answer is a finding, or null. */
function verdict({ status, text, code }: Answer): string | null {
  if (status === 0) return `rejected: ${text.split('\n', 1)[0]}`;
  if (text.includes('Internal Server Error'))
    return `internal error: ${/"message":"([^"]*)"/.exec(faults.join(''))?.[1] ?? ''}`;
  const isFault = status >= 500 || text.includes('"database query error"') || code === 'postgres-error';
  if (isFault && code !== 'postgres-error' && !expected.test(text) && !databaseRefusals.test(text)) {
    return `${code}: ${/"message":"((?:[^"\\]|\\.)*)","status_code"/.exec(text)?.[1] ?? text.slice(0, 150)}`;
  }
  if (code === 'postgres-error' && !/query execution failed/.test(text) && !expected.test(text))
    return `${code}: ${text.slice(0, 150)}`;
  if (/^[[{]/.test(text)) {
    try {
      JSON.parse(text);
    } catch (error) {
      return `the answer is no JSON: ${error}`;
    }
  }
  return null;
}

/** Told once per kind; numbers and quoted names do not make another kind. */
function report(kind: string, index: number, input: unknown, answer: Answer): void {
  const key = kind.replace(/\\?"[^"]*\\?"|\d+/g, '…');
  const times = findings.get(key) ?? 0;
  findings.set(key, times + 1);
  if (times > 0) return;
  console.log(`\nFINDING at ${index} (seed ${seed}): ${kind}`);
  console.log(JSON.stringify(input).slice(0, 3_000));
  console.log(`→ ${answer.status} ${answer.text.slice(0, 1_500)}`);
  if (faults.length > 0) console.log(faults.join('').slice(0, 3_000));
}

async function heapMiB(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    // what waits for its finalizer is released in between
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function inputOf(random: Random): Input {
  const kind = random.below(10);
  if (kind < 6) {
    const isRelay = random.oneIn(8);
    const path = isRelay ? '/v1beta1/relay' : random.oneIn(10) ? '/v1alpha1/graphql' : '/v1/graphql';
    const operation = { ...random.pick(isRelay ? relayOperations : operations) };
    return graphql(operation, random, kind < 3 ? 'document' : 'variables', path);
  }
  if (kind < 9) {
    const { path, body } = random.pick(commands);
    const changed = random.oneIn(20) ? body : mutateJson(body, random);
    return {
      path,
      method: 'POST',
      body: damaged(JSON.stringify(changed) ?? '', random),
      headers: someHeaders(random, 6),
    };
  }
  return {
    path: random.oneIn(4)
      ? `/${encodeURI(mutateText(random.pick(paths).slice(1), random)).replace(/[#\\]/g, '')}`
      : random.pick(paths),
    method: random.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']),
    body: random.oneIn(2)
      ? JSON.stringify(random.pick(operations))
      : mutateText('{"query":"{ people { id } }","variables":{"a":[1,2]}}', random),
    headers: someHeaders(random, 2),
  };
}

function graphql(
  operation: { query: string; variables?: unknown },
  random: Random,
  what: 'document' | 'variables',
  path: string,
): Input {
  let body: unknown = operation;
  if (what === 'document')
    operation.query = (random.oneIn(2) ? mutateLiteral : mutateText)(operation.query, random);
  else if (operation.variables !== undefined) operation.variables = mutateJson(operation.variables, random);
  else body = mutateJson(operation, random);
  if (random.oneIn(30)) body = [body, { query: '{ __typename }' }];
  return {
    path,
    method: 'POST',
    body: damaged(JSON.stringify(body) ?? '', random),
    headers: someHeaders(random, 2),
  };
}

/** Now and then the text itself is damaged, or the bytes. */
function damaged(text: string, random: Random): string | Uint8Array {
  if (random.oneIn(25)) return mutateText(text, random);
  if (random.oneIn(50) && text !== '') {
    const bytes = new TextEncoder().encode(text);
    for (let round = 0; round < 3; round++) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  }
  return text;
}

function someHeaders(random: Random, rarity: number): Record<string, string> {
  const chosen: Record<string, string> = random.oneIn(rarity)
    ? { 'x-hasura-role': random.pick(['user', 'both', 'visitor']), 'x-hasura-user-id': '1' }
    : {};
  if (!random.oneIn(rarity * 2)) return chosen;
  for (let round = random.below(3); round >= 0; round--) {
    const name = random.pick(Object.keys(headers));
    chosen[name] = random.oneIn(8)
      ? mutateText(headers[name]?.[0] ?? '', random)
      : random.pick(headers[name] ?? ['']);
  }
  return chosen;
}
