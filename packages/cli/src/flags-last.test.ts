import { expect, test } from 'vitest';
import type { Command } from './command.ts';
import { flagsLast } from './flags-last.ts';

const command = (name: string, flags: string[], more: Partial<Command> = {}): Command => ({
  name,
  summary: '',
  options: flags.map((each) => ({ flags: each, description: '' })),
  passesArgumentsThrough: false,
  run: async () => {},
  ...more,
});
const commands = [
  command('serve', [], { passesArgumentsThrough: true }),
  command('metadata apply', ['--project <dir>', '--dry-run', '-o, --output <format>'], {
    groupAliases: ['md'],
  }),
  command('migrate create', ['--up-sql <sql>']),
];

test.each([
  [
    ['--project', 'x', 'metadata', 'apply'],
    ['metadata', 'apply', '--project', 'x'],
  ],
  [
    ['md', '--project=x', '--dry-run', 'apply', '-o', 'json'],
    ['md', 'apply', '--project=x', '--dry-run', '-o', 'json'],
  ],
  [
    ['metadata', 'apply', '--dry-run'],
    ['metadata', 'apply', '--dry-run'],
  ],
  // names and values that are words of commands, too
  [
    ['migrate', 'create', 'x', '--up-sql', 'apply'],
    ['migrate', 'create', 'x', '--up-sql', 'apply'],
  ],
  [
    ['--project', 'metadata', 'metadata', 'apply'],
    ['metadata', 'apply', '--project', 'metadata'],
  ],
  // what is not known stays, and is told by whoever reads it
  [
    ['--unknown', 'metadata', 'apply'],
    ['--unknown', 'metadata', 'apply'],
  ],
  [
    ['serve', '--project', 'x'],
    ['serve', '--project', 'x'],
  ],
  [['--help'], ['--help']],
  [[], []],
])('%j', (given, expected) => {
  expect(flagsLast(given, commands)).toEqual(expected);
});
