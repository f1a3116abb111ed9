import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlCommand, welcome } from './welcome.ts';

/** What a shell makes of the command: its arguments, one a line. */
function argumentsOf(command: string): string[] {
  return execFileSync('/bin/sh', ['-c', command.replace(/^curl/, "printf '%s\\n'")], { encoding: 'utf8' })
    .split('\n')
    .slice(0, -1);
}

test('the secret goes with every query that names a role', () => {
  const command = curlCommand('http://localhost:8080', 's3', {
    who: '',
    headers: { 'x-hasura-role': 'author' },
    query: '{ a }',
  });
  expect(argumentsOf(command)).toEqual([
    '-s',
    'http://localhost:8080/v1/graphql',
    '-H',
    'x-hasura-admin-secret: s3',
    '-H',
    'x-hasura-role: author',
    '-d',
    '{"query":"{ a }"}',
  ]);
});

test('a query without headers is asked without the secret', () => {
  const command = curlCommand('http://localhost:8080', 's3', { who: '', headers: {}, query: '{ a }' });
  expect(command).not.toContain('s3');
});

test('quotes of the query survive the shell', () => {
  const query = `{ a(where: {t: {_eq: "it's"}}) }`;
  const command = curlCommand('http://localhost:8080', 's3', { who: '', headers: {}, query });
  expect(argumentsOf(command).at(-1)).toBe(JSON.stringify({ query }));
});

test('the page shows address, secret and the commands', () => {
  const page = welcome('http://localhost:8080', 's3', [{ who: 'a visitor', headers: {}, query: '{ a }' }]);
  expect(page).toContain('http://localhost:8080/console#admin-secret=s3');
  expect(page).toContain('# a visitor\ncurl -s http://localhost:8080/v1/graphql');
});
