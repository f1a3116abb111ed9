import { expect, test } from 'vitest';
import { handMadeModel } from '../../test/support/hand-made-model.ts';
import { RoleSchemaCache } from './index.ts';
import { schemaFeatures as features } from '../../test/support/stages.ts';

const table = { name: 'author', columns: 'id int4!', primaryKey: ['id'] };

test('one schema per model, role and backend flag', () => {
  const cache = new RoleSchemaCache(features);
  const model = handMadeModel({ tables: [table] });
  const schema = cache.get(model, 'admin', false);
  expect(cache.get(model, 'admin', false)).toBe(schema);
  expect(cache.get(model, 'admin', true)).not.toBe(schema);
  expect(cache.get(model, 'user', false)).not.toBe(schema);
  const newer = handMadeModel({ tables: [table] });
  expect(cache.get(newer, 'admin', false)).not.toBe(schema);
});

test('no more schemas than the capacity', () => {
  const cache = new RoleSchemaCache(features, { capacity: 2 });
  const model = handMadeModel({ tables: [table] });
  const first = cache.get(model, 'a', false);
  cache.get(model, 'b', false);
  cache.get(model, 'c', false);
  expect(cache.get(model, 'a', false)).not.toBe(first);
});

test('roles do not share a schema because of odd names', () => {
  const cache = new RoleSchemaCache(features);
  const model = handMadeModel({ tables: [table] });
  expect(cache.get(model, 'admin', false).queryRoot.fields.has('author')).toBe(true);
  expect(cache.get(model, ' admin', false).queryRoot.fields.has('author')).toBe(false);
  expect(cache.get(model, 'true admin', false).queryRoot.fields.has('author')).toBe(false);
});
