import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Mapping, readJson, readYaml } from '../document/index.ts';
import { describeDifference, diffLines, fileDifferences } from './index.ts';

const describe = (before: string, after: string) => describeDifference(readYaml(before), readYaml(after));

test('what was added, removed and changed, with its place', () => {
  expect(describe('a: 1', 'a: 1\nb: [1]\nc: 2')).toBe(
    '(root level)\n+ two map entries added:\n  b:\n    - 1\n  c: 2\n',
  );
  expect(describe('a: {b: 1, c: x}', 'a: {b: 2}')).toBe(
    'a\n- one map entry removed:\n  c: x\n\na.b\n± value change\n  - 1\n  + 2\n',
  );
  expect(describe('a: [x, y]', 'a: [y, z]')).toBe(
    'a\n- one list entry removed:\n  - x\n\n+ one list entry added:\n  - z\n',
  );
});

test('the order of keys and of lists does not count', () => {
  expect(describe('{a: 1, b: [1, 2]}', '{b: [2, 1], a: 1}')).toBe('');
  expect(describe('[{name: a, x: 1}, {name: b}]', '[{name: b}, {name: a, x: 2}]')).toBe(
    'a.x\n± value change\n  - 1\n  + 2\n',
  );
});

test('members of lists are known by their names', () => {
  const permission = (role: string, columns: string) => `{role: ${role}, permission: {columns: ${columns}}}`;
  expect(
    describe(
      `select_permissions: [${permission('user', '[id]')}, ${permission('x', '[id]')}]`,
      `select_permissions: [${permission('y', '[id]')}, ${permission('user', '[id, name]')}]`,
    ),
  ).toBe(`select_permissions
- one list entry removed:
  - role: x
    permission:
      columns:
        - id

+ one list entry added:
  - role: "y"
    permission:
      columns:
        - id

select_permissions.user.permission.columns
+ one list entry added:
  - name
`);
});

test('file by file, from the server to the project', () => {
  const document = (tables: unknown[], more: object = {}) =>
    readJson(
      JSON.stringify({ version: 3, sources: [{ name: 'default', kind: 'postgres', tables }], ...more }),
    ) as Mapping;
  const albums = { table: { schema: 'public', name: 'albums' } };
  const more = { ...albums, array_relationships: [] };
  expect(fileDifferences(document([albums]), document([albums]), false)).toBe('');
  expect(
    fileDifferences(
      document([albums, { table: { schema: 'public', name: 'gone' } }]),
      document([more], { inherited_roles: [{ role_name: 'r', role_set: ['a'] }] }),
      false,
    ),
  ).toBe(`databases/default/tables/public_albums.yaml

(root level)
+ one map entry added:
  array_relationships: []

databases/default/tables/public_gone.yaml

(root level)
- one map entry removed:
  table:
    schema: public
    name: gone

inherited_roles.yaml

(root level)
+ one list entry added:
  - role_name: r
    role_set:
      - a
`);
});

test('a difference of lines gives both texts back, and keeps what is common', () => {
  expect(diffLines('a\nb\nc\n', 'a\nx\nc\n').map(({ sign, text }) => sign + text)).toEqual([
    ' a',
    '-b',
    '+x',
    ' c',
  ]);
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const of = (signs: string) =>
        lines
          .filter(({ sign }) => signs.includes(sign))
          .map((line) => `${line.text}\n`)
          .join('');
      expect(of(' -')).toBe(before);
      expect(of(' +')).toBe(after);
    }),
  );
});
