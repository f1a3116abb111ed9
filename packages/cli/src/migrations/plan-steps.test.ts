import { expect, test } from 'vitest';
import type { MigrationFiles } from '../project/index.ts';
import { type ApplyRequest, planSteps } from './index.ts';

const file = { path: 'x', isYaml: false };
const files: MigrationFiles[] = ['1', '2', '10', '20'].map((version) => ({
  version,
  name: `m${version}`,
  up: file,
  down: version === '2' ? null : file,
}));

function steps(request: ApplyRequest, recorded: string[], isSkipped = false): string[] {
  const plan = planSteps(request, files, recorded, isSkipped);
  const list = plan.steps.map(({ version, direction }) => `${direction} ${version}`);
  return plan.shortBy === 0 ? list : [...list, `short ${plan.shortBy}`];
}

test('up: every version that is not recorded, oldest first, also below newer ones', () => {
  expect(steps({ kind: 'up', limit: null }, ['2'])).toEqual(['up 1', 'up 10', 'up 20']);
  expect(steps({ kind: 'up', limit: 2 }, ['2'])).toEqual(['up 1', 'up 10']);
  expect(steps({ kind: 'up', limit: 3 }, ['1', '2', '10'])).toEqual(['up 20', 'short 2']);
});

test('down: what is recorded, newest first; nothing begins when a file is missing', () => {
  expect(steps({ kind: 'down', limit: 1 }, ['1', '10', '20'])).toEqual(['down 20']);
  expect(steps({ kind: 'down', limit: null }, ['1', '10'])).toEqual(['down 10', 'down 1']);
  expect(() => steps({ kind: 'down', limit: null }, ['1', '2'])).toThrow('2 down migration not found');
  expect(() => steps({ kind: 'down', limit: 1 }, ['1', '99'])).toThrow('99 down migration not found');
  expect(steps({ kind: 'down', limit: 1 }, ['1', '99'], true)).toEqual(['down 99']);
});

test('goto: up to the version, or down to it', () => {
  expect(steps({ kind: 'goto', version: '10' }, ['1'])).toEqual(['up 2', 'up 10']);
  expect(steps({ kind: 'goto', version: '1' }, ['1', '10', '20'])).toEqual(['down 20', 'down 10']);
  expect(() => steps({ kind: 'goto', version: '5' }, [])).toThrow('version 5 is neither');
});

test('one version', () => {
  expect(steps({ kind: 'one', version: '10', direction: 'up' }, [])).toEqual(['up 10']);
  expect(steps({ kind: 'one', version: '10', direction: 'down' }, ['10'])).toEqual(['down 10']);
  expect(() => steps({ kind: 'one', version: '10', direction: 'up' }, ['10'])).toThrow(
    'Version already applied',
  );
  expect(() => steps({ kind: 'one', version: '10', direction: 'down' }, [])).toThrow('Migration not applied');
  expect(() => steps({ kind: 'one', version: '5', direction: 'up' }, [])).toThrow('5 up migration not found');
  expect(() => steps({ kind: 'one', version: '5', direction: 'up' }, [], true)).toThrow(
    '5 up migration not found',
  );
});
