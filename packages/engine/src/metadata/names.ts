import type { QualifiedName } from '../catalog/index.ts';
import {
  type Codec,
  compareText,
  expectMember,
  expectObject,
  nonEmptyText,
  object,
  refine,
  refuseUnknownKeys,
  required,
  text,
} from './codec/index.ts';

/** A table or function: `"name"` (in the schema `public`) or an object. Written as `{"name","schema"}`. */
export const qualifiedName: Codec<QualifiedName> = {
  decode(value, place) {
    if (typeof value === 'string') return { schema: 'public', name: text.decode(value, place) };
    const given = expectObject('QualifiedName', value, place);
    refuseUnknownKeys('QualifiedName', given, (key) => key === 'name' || key === 'schema', place);
    const schema = given['schema'];
    return {
      schema: schema === undefined || schema === null ? 'public' : text.decode(schema, place.child('schema')),
      name: text.decode(expectMember(given, 'name', place), place.child('name')),
    };
  },
  encode: ({ name, schema }) => ({ name, schema }),
};

/** Source: GraphQL specification, section 2.1.9. */
export const graphqlName: Codec<string> = refine(text, (name, place) =>
  /^[_A-Za-z][_0-9A-Za-z]*$/.test(name) ? name : place.fail(`${name} is not valid GraphQL name`),
);

/** How error texts call a table or function: the schema only where it is not `public`. */
export function displayName({ schema, name }: QualifiedName): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

export function isSameName(first: QualifiedName, second: QualifiedName): boolean {
  return first.name === second.name && first.schema === second.schema;
}

/** An unambiguous key that sorts by schema, then name. */
export function nameKey({ schema, name }: QualifiedName): string {
  return `${schema}\u0000${name}`;
}

export function compareNames(first: QualifiedName, second: QualifiedName): number {
  return compareText(first.schema, second.schema) || compareText(first.name, second.name);
}

/** `{"role"}`, as functions list their permissions. */
export const roleEntry = object('FunctionPermissionInfo', { role: required(nonEmptyText) });
