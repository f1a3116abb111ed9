import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serveHelp, settingsPage } from './serve-help.ts';

test('the help names flag, variable and default of a setting', () => {
  expect(serveHelp()).toMatch(
    / {2}--server-port <value> {2}HASURA_GRAPHQL_SERVER_PORT.*\n {6}.*\(default: 8080\)/,
  );
});

test('docs/environment.md is current (npm run docs:environment)', () => {
  const page = readFileSync(new URL('../../../docs/environment.md', import.meta.url), 'utf8');
  expect(page).toBe(settingsPage());
});
