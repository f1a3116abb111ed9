import type { EngineOptions } from '../../../src/index.ts';
import { type GraphqlServer, startGraphqlServer } from '../../support/graphql-server.ts';
import { type JsonLike, type Project, project, sourceOf } from '../../support/project.ts';

export const sdl = `
  interface Animal { id: ID! name: String keeper: Person }
  type Cat implements Animal { id: ID! name: String keeper: Person lives: Int }
  type Dog implements Animal { id: ID! name: String keeper: Person tricks(first: Int = 2): [String!] owner: Person }
  type Person { id: ID! name: String pets: [Animal!]! }
  union Found = Cat | Person
  enum Size { SMALL LARGE }
  scalar Anything
  input Range { from: Int to: Int! }
  input Filter { size: Size range: Range tenant: String names: [String] }
  type Query {
    animals(where: Filter, limit: Int): [Animal!]!
    person(id: ID!): Person
    find(id: ID!): Found
    echo(value: Anything, size: Size, filter: Filter, text: String): String
    broken: String
    store(name: String, tenant: String, filter: Filter): Store
  }
  type Store { items(size: Size, owner: String, sizes: [Size!]): [String!]! }
  type Mutation { rename(id: ID!, name: String!): Person }`;

const ann = { __typename: 'Person', id: '1', name: 'Ann' };
const tom = { __typename: 'Cat', id: '2', name: 'Tom', keeper: ann, lives: 9 };
const rex = { __typename: 'Dog', id: '3', name: 'Rex', keeper: null, tricks: ['sit', 'roll'], owner: ann };

export function startAnimals(): Promise<GraphqlServer> {
  const names = new Map([['1', 'Ann']]);
  const person = (id: string) => ({ ...ann, id, name: names.get(id) ?? null, pets: [tom, rex] });
  return startGraphqlServer(sdl, {
    animals: () => [tom, rex],
    person: ({ id }: { id: string }) => (names.has(id) ? person(id) : null),
    find: ({ id }: { id: string }) => (id === '1' ? person('1') : tom),
    echo: (given: object) => JSON.stringify(given),
    store: (store: object) => ({
      items: (given: object) => [JSON.stringify({ ...store, ...given })],
    }),
    broken: () => {
      throw new Error('out of order');
    },
    rename: ({ id, name }: { id: string; name: string }) => {
      names.set(id, name);
      return person(id);
    },
  });
}

/** An engine with the table `note` and the service as remote schema `animals`. */
export async function projectWith(
  animals: GraphqlServer,
  {
    definition = {},
    permissions,
    engine = {},
  }: {
    readonly definition?: { readonly [key: string]: JsonLike };
    readonly permissions?: readonly JsonLike[];
    readonly engine?: EngineOptions;
  } = {},
): Promise<Project> {
  return project({
    tables: `create table note (id int primary key, text text); insert into note values (1, 'one')`,
    metadata: {
      sources: [
        sourceOf([
          {
            table: 'note',
            select_permissions: [{ role: 'user', permission: { columns: ['id'], filter: {} } }],
          },
        ]),
      ],
      remote_schemas: [
        {
          name: 'animals',
          definition: { url: '{{ANIMALS}}', ...definition },
          ...(permissions === undefined ? {} : { permissions }),
        },
      ],
    },
    engine: { ...engine, environment: { ...process.env, ANIMALS: animals.url, KEY: 'from-environment' } },
  });
}
