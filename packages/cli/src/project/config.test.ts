import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseEnvironmentFile } from './environment-file.ts';
import { findProject, newConfig, readConfig } from './index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function project(config: string, environmentFile?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-config-'));
  folders.push(folder);
  writeFileSync(join(folder, 'config.yaml'), config);
  if (environmentFile !== undefined) writeFileSync(join(folder, '.env'), environmentFile);
  return folder;
}

test('a flag counts before a variable, that before .env, that before config.yaml, that before the default', () => {
  const config = 'version: 3\nendpoint: http://file\nadmin_secret: file\napi_paths: {v1_metadata: m}\n';
  const folder = project(
    config,
    'HASURA_GRAPHQL_ENDPOINT=http://env-file\nHASURA_GRAPHQL_ADMIN_SECRET=env-file\n',
  );
  const environment = { HASURA_GRAPHQL_ENDPOINT: 'http://variable/' };
  expect(readConfig(folder, { endpoint: 'http://flag/' }, environment).endpoint).toBe('http://flag');
  const read = readConfig(folder, {}, environment);
  expect([read.endpoint, read.adminSecret, read.paths.metadata]).toEqual([
    'http://variable',
    'env-file',
    'm',
  ]);
  const bare = readConfig(project('version: 3\n'), {}, {});
  expect([bare.endpoint, bare.adminSecret, bare.paths.metadata]).toEqual([
    'http://localhost:8080',
    null,
    'v1/metadata',
  ]);
});

test('the first of several secrets is sent, an access key only without others', () => {
  expect(readConfig(project(`version: 3\nadmin_secrets: '["a","b"]'\n`), {}, {}).adminSecret).toBe('a');
  expect(readConfig(project('version: 3\nadmin_secrets: [a, b]\n'), {}, {}).adminSecret).toBe('a');
  expect(readConfig(project('version: 3\naccess_key: k\n'), {}, {}).adminSecret).toBe('k');
  expect(() => readConfig(project('version: 3\nadmin_secrets: a\n'), {}, {})).toThrow(
    'admin_secrets must be a list',
  );
});

test.each([
  ['endpoint: http://x\n', 'config v1 is deprecated'],
  ['version: 2\n', 'update-project-v3'],
  ['version: 9\n', 'invalid config version: 9'],
  ['version: [', 'cannot read config.yaml'],
  ['- a', 'is no mapping of keys'],
  ['version: 3\nendpoint: localhost:8080\n', 'error validating endpoint URL'],
  ['version: 3\nmetadata_file: m.txt\n', 'must end in .json or .yaml'],
])('%j is refused', (config, message) => {
  expect(() => readConfig(project(config), {}, {})).toThrow(message);
});

test.each([
  [
    'http://x:80/v1/graphql',
    'of one API (/v1/graphql); the endpoint is the root URL of the engine: http://x:80',
  ],
  ['https://x/below/v1/graphql/', 'the root URL of the engine: https://x/below'],
  ['https://x/console', 'the root URL of the engine: https://x'],
  ['https://x/?a=b', 'must end before "?" and "#"'],
  ['ftp://x', 'must begin with http:// or https://'],
])('the endpoint %s is refused, and what to write instead is said', (endpoint, message) => {
  expect(() => readConfig(project('version: 3\n'), { endpoint }, {})).toThrow(message);
});

test('an engine may be below a path', () => {
  for (const endpoint of ['https://x/v1', 'https://x/hasura', 'https://x/a/graphql']) {
    expect(readConfig(project('version: 3\n'), { endpoint }, {}).endpoint).toBe(endpoint);
  }
});

test('another file of variables must be there', () => {
  const folder = project('version: 3\n');
  expect(() => readConfig(folder, {}, {}, 'prod.env')).toThrow('loading .env file failed: ');
  writeFileSync(join(folder, 'prod.env'), 'HASURA_GRAPHQL_ENDPOINT=http://prod');
  expect(readConfig(folder, {}, {}, 'prod.env').endpoint).toBe('http://prod');
});

test('the project is the nearest folder above with config.yaml', () => {
  const folder = project(newConfig('http://localhost:8080', null));
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  expect(findProject(join(folder, 'a', 'b'))).toBe(folder);
  expect(() => findProject(join(folder, 'c'))).toThrow("did not find required directory. use 'init'?");
  expect(() => findProject(tmpdir())).toThrow('search stopped: filesystem boundary hit');
});

test('a new configuration has the keys of the Hasura CLI', () => {
  expect(newConfig('http://localhost:8080', 'se:cret ')).toBe(`version: 3
endpoint: http://localhost:8080
admin_secret: 'se:cret '
metadata_directory: metadata
actions:
  kind: synchronous
  handler_webhook_baseurl: http://localhost:3000
`);
});

test('.env files as people write them', () => {
  const text = `# comment
A=1 # one
export B='a # $A \\n'
C="x\\ny \${A} \\$A \\"q\\""
D: colon
E=
F=\${A}b$A
G=a#b
  H = spaced out
`;
  expect(Object.fromEntries(parseEnvironmentFile(text))).toEqual({
    A: '1',
    B: 'a # $A \\n',
    C: 'x\ny 1 $A "q"',
    D: 'colon',
    E: '',
    F: '1b1',
    G: 'a#b',
    H: 'spaced out',
  });
  expect(Object.fromEntries(parseEnvironmentFile('A="two\nlines"\r\nB=2'))).toEqual({
    A: 'two\nlines',
    B: '2',
  });
  expect(() => parseEnvironmentFile('A=1\nnonsense')).toThrow('line 2 is not NAME=value');
});
