import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../command.ts';

/** JSON as a test file writes it. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
export type Mapping = { readonly [key: string]: Value };

export type TestFile = {
  /** Relative to the project folder. */
  readonly path: string;
  readonly fixtures: readonly Sql[];
  readonly tests: readonly TestCase[];
};

export type TestCase = {
  readonly name: string;
  /** Null: a request without the admin secret, i.e. the visitor. */
  readonly role: string | null;
  /** Lower-case names. */
  readonly sessionVariables: Readonly<Record<string, string>>;
  /** Asks for backend-only permissions. */
  readonly isBackend: boolean;
  /** Further headers, as they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fixtures: readonly Sql[];
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Mapping | null;
  readonly expected: Expectation;
  /** Asked by the owner of the database after the request. */
  readonly after: readonly RowsCheck[];
};

export type Sql = { readonly source: string; readonly text: string };

export type Expectation =
  /** The whole of `data`. */
  | { readonly kind: 'data'; readonly data: Value }
  /** What the only root field holds. */
  | { readonly kind: 'rows'; readonly rows: Value }
  /** The first error; members that are not given are not compared. */
  | { readonly kind: 'error'; readonly message?: string; readonly code?: string; readonly path?: string };

export type RowsCheck = Sql & { readonly rows: Value };

/** The files of a project below `permissions/` whose names end in `.test.yaml`, in the order of their paths. @throws UserError naming the file and the place */
export function readTestFiles(projectFolder: string): TestFile[] {
  return filesBelow(join(projectFolder, 'permissions'))
    .filter((path) => /\.test\.ya?ml$/.test(path))
    .sort()
    .map((path) => readTestFile(path, relative(projectFolder, path)));
}

function readTestFile(path: string, shownPath: string): TestFile {
  const folder = dirname(path);
  const at = (place: string): Place => ({ folder, text: `${shownPath}${place}` });
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`${shownPath}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const file = mapping(content as Value, at(''));
  refuseOthers(file, ['fixtures', 'tests'], at(''));
  const tests = list(file['tests'], at(': tests'));
  return {
    path: shownPath,
    fixtures: readFixtures(file['fixtures'], at(': fixtures')),
    tests: tests.map((test, index) => readTest(mapping(test, at(`: test ${index + 1}`)), index, at)),
  };
}

type Place = { readonly folder: string; readonly text: string };

const TEST_KEYS = [
  ...['name', 'role', 'session_variables', 'backend', 'headers', 'fixtures'],
  ...['query', 'operation_name', 'variables', 'expect', 'after'],
];

function readTest(test: Mapping, index: number, at: (place: string) => Place): TestCase {
  const name = text(test['name'], at(`: test ${index + 1}: name`));
  const here = (key: string): Place => at(`: "${name}": ${key}`);
  refuseOthers(test, TEST_KEYS, at(`: "${name}"`));
  const optional = (key: string): string | null =>
    test[key] === undefined || test[key] === null ? null : text(test[key], here(key));
  const role = optional('role');
  const backend = test['backend'] ?? false;
  if (typeof backend !== 'boolean') throw fault(here('backend'), 'true or false is expected');
  const sessionVariables = Object.fromEntries(
    Object.entries(texts(test['session_variables'], here('session_variables'))).map(([variable, value]) => {
      const lower = variable.toLowerCase();
      if (lower.startsWith('x-hasura-')) return [lower, value];
      throw fault(here('session_variables'), `"${variable}" does not begin with x-hasura-`);
    }),
  );
  if (role === null && (backend || Object.keys(sessionVariables).length > 0)) {
    throw fault(
      here('role'),
      'session variables and backend-only permissions need a role; a visitor has none',
    );
  }
  return {
    name,
    role,
    sessionVariables,
    isBackend: backend,
    headers: texts(test['headers'], here('headers')),
    fixtures: readFixtures(test['fixtures'], here('fixtures')),
    query: text(test['query'], here('query')),
    operationName: optional('operation_name'),
    variables: test['variables'] === undefined ? null : mapping(test['variables'], here('variables')),
    expected: readExpectation(mapping(test['expect'], here('expect')), here('expect')),
    after: list(test['after'] ?? [], here('after')).map((check) => {
      const { sql, rows, source, ...others } = mapping(check, here('after'));
      refuseOthers(others, [], here('after'));
      return {
        source: source === undefined ? 'default' : text(source, here('after')),
        text: text(sql, here('after: sql')),
        rows: list(rows, here('after: rows')),
      };
    }),
  };
}

function readExpectation(given: Mapping, place: Place): Expectation {
  const kinds = Object.keys(given);
  const [kind] = kinds;
  const value = kind === undefined ? undefined : given[kind];
  if (kinds.length !== 1 || value === undefined)
    throw fault(place, 'one of data, rows and error is expected');
  switch (kind) {
    case 'data':
      return { kind, data: value };
    case 'rows':
      return { kind, rows: value };
    case 'error': {
      if (typeof value === 'string') return { kind, message: value };
      const members = texts(value, place);
      refuseOthers(members, ['message', 'code', 'path'], place);
      if (Object.keys(members).length === 0) throw fault(place, 'message, code or path is expected');
      return { kind, ...members };
    }
    default:
      throw fault(place, `"${kind}" is not known; data, rows or error is expected`);
  }
}

/** A path of a file, relative to the test file; or `{file | sql, source?}`. */
function readFixtures(value: Value | undefined, place: Place): Sql[] {
  return list(value ?? [], place).map((entry) => {
    if (typeof entry === 'string') return { source: 'default', text: readSql(entry, place) };
    const { file, sql, source, ...others } = mapping(entry, place);
    refuseOthers(others, [], place);
    if ((file === undefined) === (sql === undefined)) throw fault(place, 'either file or sql is expected');
    return {
      source: source === undefined ? 'default' : text(source, place),
      text: file === undefined ? text(sql, place) : readSql(text(file, place), place),
    };
  });
}

function readSql(path: string, place: Place): string {
  const file = resolve(place.folder, path);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw fault(place, `there is no file ${path}`);
  return readFileSync(file, 'utf8');
}

function filesBelow(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

function mapping(value: Value | undefined, place: Place): Mapping {
  if (isMapping(value)) return value;
  throw fault(place, 'a mapping is expected');
}

function list(value: Value | undefined, place: Place): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw fault(place, 'a list is expected');
}

/** YAML reads `1` and `true` as no text; where text is meant, they are. */
function text(value: Value | undefined, place: Place): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw fault(place, 'a text is expected');
}

function texts(value: Value | undefined, place: Place): Record<string, string> {
  const entries = Object.entries(value === undefined || value === null ? {} : mapping(value, place));
  return Object.fromEntries(entries.map(([key, member]) => [key, text(member, place)]));
}

function refuseOthers(given: Mapping, known: readonly string[], place: Place): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw fault(place, `"${unknown}" is not known`);
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(place: Place, message: string): UserError {
  return new UserError(`${place.text}: ${message}`);
}
