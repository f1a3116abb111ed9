/** Whatever is selected of a service through the engine is what the service answers by itself: the same members in the same order. */
import fc from 'fast-check';
import { buildSchema, type GraphQLSchema, graphql, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GraphqlServer, startGraphqlServer } from '../support/graphql-server.ts';
import { type Project, project } from '../support/project.ts';

const sdl = `
  interface Animal { id: ID! name(loud: Boolean = false): String friend: Animal home: Place }
  interface Named { name(loud: Boolean = false): String }
  type Cat implements Animal & Named { id: ID! name(loud: Boolean = false): String friend: Animal home: Place lives: Int }
  type Dog implements Animal { id: ID! name(loud: Boolean = false): String friend: Animal home: Place tricks(first: Int = 2): [String!] best: Found }
  type Place implements Named { name(loud: Boolean = false): String guests: [[Found]] }
  union Found = Cat | Place
  type Query { animals: [Animal]! found: [Found!] place: Place one(id: ID!): Animal named: [Named] }`;

const text = (name: string) => (given: { loud?: boolean }) => (given.loud ? name.toUpperCase() : name);
const place: Record<string, unknown> = { __typename: 'Place', name: text('yard') };
const cat: Record<string, unknown> = { __typename: 'Cat', id: 'c', name: text('Tom'), lives: 9, home: place };
const dog: Record<string, unknown> = {
  __typename: 'Dog',
  id: 'd',
  name: text('Rex'),
  tricks: ({ first }: { first: number }) => ['sit', 'roll', 'speak'].slice(0, first),
  best: cat,
  friend: cat,
  home: null,
};
cat['friend'] = dog;
place['guests'] = [[cat, null], null, [place]];
const root = {
  animals: [cat, null, dog],
  found: [cat, place],
  place,
  one: ({ id }: { id: string }) => (id === 'c' ? cat : id === 'd' ? dog : null),
  named: [place, cat],
};

const fields: Readonly<Record<string, readonly (readonly [call: string, type: string | null])[]>> = {
  Query: [
    ['animals', 'Animal'],
    ['found', 'Found'],
    ['place', 'Place'],
    ['one(id: "c")', 'Animal'],
    ['one(id: "d")', 'Animal'],
    ['one(id: $id)', 'Animal'],
    ['named', 'Named'],
  ],
  Animal: [
    ['id', null],
    ['name', null],
    ['name(loud: true)', null],
    ['friend', 'Animal'],
    ['home', 'Place'],
  ],
  Named: [
    ['name', null],
    ['name(loud: $loud)', null],
  ],
  Cat: [
    ['id', null],
    ['name', null],
    ['friend', 'Animal'],
    ['home', 'Place'],
    ['lives', null],
  ],
  Dog: [
    ['id', null],
    ['name(loud: true)', null],
    ['friend', 'Animal'],
    ['tricks', null],
    ['tricks(first: 1)', null],
    ['best', 'Found'],
  ],
  Place: [
    ['name', null],
    ['name(loud: $loud)', null],
    ['guests', 'Found'],
  ],
  Found: [],
};

/** Types on which a fragment may stand within each type. */
const conditions: Readonly<Record<string, readonly string[]>> = {
  Query: ['Query'],
  Animal: ['Animal', 'Cat', 'Dog', 'Named', 'Found'],
  Named: ['Named', 'Cat', 'Place', 'Animal', 'Found'],
  Cat: ['Cat', 'Animal', 'Named', 'Found'],
  Dog: ['Dog', 'Animal'],
  Place: ['Place', 'Named', 'Found'],
  Found: ['Found', 'Cat', 'Place', 'Animal', 'Named'],
};

/** One key means one call everywhere, so that selections can always be merged. */
function keyed(call: string): string {
  const key = call.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '');
  return key === call ? call : `${key}: ${call}`;
}

const directive = fc.constantFrom(
  '',
  '',
  '',
  ' @include(if: $yes)',
  ' @skip(if: $yes)',
  ' @include(if: false)',
);

function selectionOf(type: string, depth: number): fc.Arbitrary<string> {
  const leaves = (fields[type] ?? []).filter(([, below]) => below === null);
  const deeper = (fields[type] ?? []).filter(([, below]) => below !== null);
  const options: fc.Arbitrary<string>[] = [
    fc
      .constantFrom('__typename', 'kind: __typename', ...leaves.map(([call]) => keyed(call)))
      .chain((field) => directive.map((condition) => field + condition)),
  ];
  if (depth > 0) {
    if (deeper.length > 0) {
      options.push(
        fc
          .constantFrom(...deeper)
          .chain(([call, below]) =>
            selectionOf(below ?? '', depth - 1).map((selection) => `${keyed(call)} ${selection}`),
          ),
      );
    }
    options.push(
      fc
        .constantFrom(...(conditions[type] ?? []))
        .chain((condition) =>
          fc
            .tuple(directive, selectionOf(condition, depth - 1))
            .map(([given, selection]) => `... on ${condition}${given} ${selection}`),
        ),
    );
  }
  return fc
    .array(fc.oneof(...options), { minLength: 1, maxLength: 4 })
    .map((items) => `{ ${items.join(' ')} }`);
}

const rootSelection = fc
  .array(
    fc
      .constantFrom(...(fields['Query'] ?? []))
      .chain(([call, below]) =>
        selectionOf(below ?? '', 4).map((selection) => `${keyed(call)} ${selection}`),
      ),
    { minLength: 1, maxLength: 2 },
  )
  .map((items) => items.join(' '));

let service: GraphqlServer;
let schema: GraphQLSchema;
let api: Project;

beforeAll(async () => {
  schema = buildSchema(sdl);
  service = await startGraphqlServer(sdl, root);
  api = await project({
    metadata: { remote_schemas: [{ name: 'zoo', definition: { url: service.url } }] },
  });
});
afterAll(async () => {
  await api?.close();
  await service?.close();
});

const declarations = { id: 'ID = "d"', loud: 'Boolean', yes: 'Boolean!' };

/** A document with the variables that it uses: others must not be declared. */
function documentOf(selection: string, values: { readonly loud: boolean; readonly yes: boolean }) {
  const used = Object.entries(declarations).filter(([name]) => selection.includes(`$${name}`));
  const declared = used.map(([name, type]) => `$${name}: ${type}`).join(', ');
  return {
    source: `query ${declared === '' ? '' : `(${declared}) `}{ ${selection} }`,
    variables: Object.fromEntries(
      Object.entries(values).filter(([name]) => used.some(([other]) => other === name)),
    ),
  };
}

test('answers are those of the service', async () => {
  await fc.assert(
    fc.asyncProperty(rootSelection, fc.boolean(), fc.boolean(), async (selection, loud, yes) => {
      const { source, variables } = documentOf(selection, { loud, yes });
      const own = await graphql({ schema, source, rootValue: root, variableValues: variables });
      if (own.errors !== undefined) throw new Error(`${own.errors[0]?.message}: ${source}`);
      expect(await api.queryText(source, variables)).toBe(JSON.stringify(own));
    }),
    { numRuns: 150 },
  );
}, 120_000);

/** What roles may use: types, members of unions, interfaces, fields and arguments are left out. */
const restricted: Readonly<Record<string, string>> = {
  'no-dogs': `
    interface Animal { id: ID! name(loud: Boolean = false): String friend: Animal }
    interface Named { name(loud: Boolean = false): String }
    type Cat implements Animal & Named { id: ID! name(loud: Boolean = false): String friend: Animal lives: Int }
    type Place implements Named { name(loud: Boolean = false): String guests: [[Found]] }
    union Found = Cat | Place
    type Query { animals: [Animal]! found: [Found!] place: Place one(id: ID!): Animal named: [Named] }`,
  'no-places': `
    interface Animal { id: ID! name: String friend: Animal }
    type Cat implements Animal { id: ID! name: String friend: Animal }
    type Dog implements Animal { id: ID! name: String friend: Animal tricks(first: Int = 2): [String!] best: Found }
    union Found = Cat
    type Query { animals: [Animal]! found: [Found!] one(id: ID!): Animal }`,
};

test('a role’s requests ask for nothing but what its document lists', async () => {
  const guarded = await project({
    metadata: {
      remote_schemas: [
        {
          name: 'zoo',
          definition: { url: service.url },
          permissions: Object.entries(restricted).map(([role, text]) => ({
            role,
            definition: { schema: text },
          })),
        },
      ],
    },
    engine: { enableRemoteSchemaPermissions: true },
  });
  const answered = new Map<string, number>();
  try {
    const roles = fc.constantFrom(...Object.entries(restricted));
    await fc.assert(
      fc.asyncProperty(rootSelection, roles, fc.boolean(), async (selection, [role, text], yes) => {
        service.forget();
        const { source, variables } = documentOf(selection, { loud: true, yes });
        await guarded.as(role).query(source, variables);
        const allowed = buildSchema(text);
        for (const { query } of service.operations) {
          expect(validate(allowed, parse(query)).map(({ message }) => `${message}: ${query}`)).toEqual([]);
        }
        answered.set(role, (answered.get(role) ?? 0) + service.operations.length);
      }),
      { numRuns: 200 },
    );
    // otherwise nothing was held
    for (const role of Object.keys(restricted)) expect(answered.get(role) ?? 0).toBeGreaterThan(5);
  } finally {
    await guarded.close();
  }
}, 120_000);
