import { type Json, type JsonObject, RequestError, type RuleUse } from '@postern/engine';
import { difference, isSame } from './difference.ts';
import { explainRules } from './explain-rules.ts';
import { ADMIN_SECRET, rowsOf, type TestBed } from './test-bed.ts';
import { type Expectation, isMapping, type RowsCheck, type TestCase } from './test-file.ts';

export type TestResult = {
  /** As in TestOutcome. */
  readonly failure: readonly string[] | null;
  /** The rules that the request used; none when it was not valid for the role. */
  readonly used: readonly RuleUse[];
};

/** Asks as a client would, and compares. `unauthorizedRole`: the role of a test without one. */
export async function runTest(
  test: TestCase,
  bed: TestBed,
  unauthorizedRole: string | null,
): Promise<TestResult> {
  const answer = await ask(test, bed);
  const used = rulesUsedBy(test, bed, unauthorizedRole);
  const differences = [
    ...compareAnswer(test.expected, answer),
    ...(await Promise.all(test.after.map((check) => compareRows(check, bed)))).flat(),
  ];
  if (differences.length === 0) return { failure: null, used };
  const role = test.role ?? unauthorizedRole;
  const explanation = role === null ? [] : await explainRules(used, { ...test, role }, bed.engine);
  return { failure: [...differences, ...explanation], used };
}

async function ask(test: TestCase, { engine }: TestBed): Promise<unknown> {
  const trusted: Record<string, string> =
    test.role === null
      ? {}
      : {
          'x-hasura-admin-secret': ADMIN_SECRET,
          'x-hasura-role': test.role,
          ...test.sessionVariables,
          ...(test.isBackend ? { 'x-hasura-use-backend-only-permissions': 'true' } : {}),
        };
  const response = await engine.fetch(
    new Request('http://localhost/v1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...trusted, ...test.headers },
      body: JSON.stringify({
        query: test.query,
        ...(test.variables === null ? {} : { variables: test.variables }),
        ...(test.operationName === null ? {} : { operationName: test.operationName }),
      }),
    }),
  );
  return response.json();
}

/** The rules through which the request reads and writes; none where it is refused before anything is run. Runs nothing. */
export function rulesUsedBy(
  test: TestCase,
  { engine }: TestBed,
  unauthorizedRole: string | null,
): readonly RuleUse[] {
  const role = test.role ?? unauthorizedRole;
  if (role === null) return [];
  try {
    return engine.rulesUsed({
      role,
      usesBackendOnly: asksForBackendOnly(test),
      query: test.query,
      operationName: test.operationName,
      variables: test.variables as JsonObject | null,
    });
  } catch (error) {
    if (error instanceof RequestError) return [];
    throw error;
  }
}

/** A test may also spell the header itself; it counts with the secret only, i.e. with a role. */
function asksForBackendOnly({ role, isBackend, headers }: TestCase): boolean {
  const spelled = Object.entries(headers).find(
    ([name]) => name.toLowerCase() === 'x-hasura-use-backend-only-permissions',
  );
  return role !== null && (spelled === undefined ? isBackend : /^(true|t|yes|y)$/i.test(spelled[1]));
}

function compareAnswer(expected: Expectation, answer: unknown): readonly string[] {
  const { data, errors } = isMapping(answer) ? answer : {};
  const [error] = Array.isArray(errors) ? errors : [];
  if (expected.kind === 'error') {
    const { kind: _, ...wanted } = expected;
    if (error === undefined)
      return ['an error was expected, but there is an answer:', ...difference({ error: wanted }, { data })];
    const received = errorMembers(error as Json);
    const compared = Object.fromEntries(Object.keys(wanted).map((key) => [key, received[key] ?? null]));
    return isSame(wanted, compared) ? [] : ['another error was expected:', ...difference(wanted, received)];
  }
  if (error !== undefined)
    return [
      'the request was refused:',
      ...difference(wantedData(expected), { error: errorMembers(error as Json) }),
    ];
  const received = expected.kind === 'rows' ? onlyField(data) : data;
  const wanted = expected.kind === 'rows' ? expected.rows : expected.data;
  return isSame(wanted, received) ? [] : ['the answer is another:', ...difference(wanted, received)];
}

function wantedData(expected: Expectation & { kind: 'data' | 'rows' }): unknown {
  return expected.kind === 'rows' ? { rows: expected.rows } : { data: expected.data };
}

/** `rows` speaks of one root field; with several, all of them are shown as the difference. */
function onlyField(data: unknown): unknown {
  const fields = isMapping(data) ? Object.values(data) : [];
  return fields.length === 1 ? fields[0] : data;
}

function errorMembers(error: Json): Record<string, unknown> {
  const { message, extensions } = isMapping(error) ? error : {};
  const { code, path } = isMapping(extensions) ? extensions : {};
  return { message, code, path };
}

async function compareRows(
  { source, text, rows }: RowsCheck,
  { databases }: TestBed,
): Promise<readonly string[]> {
  const database = databases.get(source);
  if (database === undefined) return [`after: the project has no source "${source}"`];
  try {
    const received = await rowsOf(database, text);
    return isSame(rows, received)
      ? []
      : [`after the request, ${text.trim()} gives:`, ...difference(rows, received)];
  } catch (error) {
    return [`after: ${text.trim()}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
