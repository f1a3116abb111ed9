import { afterEach, expect, test, vi } from 'vitest';
import { editText } from './index.ts';

afterEach(() => vi.unstubAllEnvs());

test('the editor gets a file with the text, and what it leaves there is the result', () => {
  vi.stubEnv('VISUAL', '');
  vi.stubEnv('EDITOR', `sed -i -e 's/old/new/'`);
  expect(editText('some old text\n', '.sql')).toBe('some new text\n');
});

test('an editor that fails is named', () => {
  vi.stubEnv('VISUAL', 'false');
  expect(() => editText('', '.sql')).toThrow('the editor (false) failed');
});
