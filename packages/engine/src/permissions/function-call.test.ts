import { expect, test } from 'vitest';
import { makeCatalog } from '../../test/support/catalog-fixture.ts';
import { type CatalogFunction, qualifiedKey } from '../catalog/index.ts';
import { clientArguments, functionCaller } from './function-call.ts';
import { textType } from './known-types.ts';
import type { Value } from './types.ts';

function makeFunction(given: string): CatalogFunction {
  const { functions } = makeCatalog({
    tables: { author: { columns: 'id int4!' } },
    functions: { fn: { arguments: given, returns: 'text' } },
  });
  const [fn] = functions.get(qualifiedKey({ schema: 'public', name: 'fn' })) ?? [];
  if (fn === undefined) throw new Error('no function');
  return fn;
}

const value = (text: string): Value => ({
  source: { kind: 'literal', text },
  type: textType,
  isArray: false,
  input: 'text',
});

const plain = { row: null, session: null };

function shapeOf(
  fn: CatalogFunction,
  special: { row: number | null; session: number | null },
  values: (Value | null)[],
) {
  return functionCaller(
    fn,
    special,
  )(values).arguments.map((argument) => {
    const name = argument.name === null ? '' : `${argument.name}=>`;
    if (argument.kind === 'row') return `${name}row`;
    const { source } = argument.value;
    return name + (source.kind === 'literal' ? source.text : source.kind);
  });
}

test('row and session arguments are not the client’s', () => {
  const fn = makeFunction('a text, of author, session json, b text');
  const special = { row: 1, session: 2 };
  expect(clientArguments(fn, special).map((argument) => argument.name)).toEqual(['a', 'b']);
  expect(shapeOf(fn, special, [value('1'), value('2')])).toEqual(['1', 'row', 'session-object', '2']);
});

test('behind an omitted argument the others are named', () => {
  const fn = makeFunction('a text, b text default, c text default, session json');
  expect(shapeOf(fn, { row: null, session: 3 }, [value('1'), null, value('3')])).toEqual([
    '1',
    'c=>3',
    'session=>session-object',
  ]);
  expect(shapeOf(makeFunction('a text, b text default'), plain, [value('1')])).toEqual(['1']);
});

test('what cannot be omitted is told', () => {
  expect(() => shapeOf(makeFunction('a text'), plain, [null])).toThrow(
    'Non default arguments cannot be omitted',
  );
  expect(() => shapeOf(makeFunction('a text default, _ text default'), plain, [null, value('2')])).toThrow(
    'Only last set of positional arguments can be omitted',
  );
});
