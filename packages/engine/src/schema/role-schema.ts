/** The view of a model that one role has. */
import type { Model } from '../model/index.ts';
import { type RoleSchemaOptions, SchemaContext } from './context.ts';
import { reachableTypes, sortedByName, walkTypes } from './reachable-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import type { NamedType, ObjectType, RoleSchema } from './types.ts';

/**
 * Makes nothing but the root types; every other type is made when it is first named. An unknown role gets the empty schema.
 * Source: spec/permissions.md 1.4, 4.
 */
export function createRoleSchema(model: Model, role: string, options: RoleSchemaOptions): RoleSchema {
  return new LazyRoleSchema(
    (changes) => new SchemaContext(model, role, { ...options, ...changes }),
    options.mayTypesOfTablesMeet ?? true,
  );
}

/**
 * A schema of more types than this is not kept once all of them were asked for, as introspection does: a table has some twenty types of
 * about 7 kB each, and every role has its own.
 */
const mostKeptTypes = 2_000;

/** The types of a schema of more tables are made and let go one by one when all of them are asked for. */
const mostTables = 50;

type MakeContext = (changes?: Pick<RoleSchemaOptions, 'forgetsTables'>) => SchemaContext;

class LazyRoleSchema implements RoleSchema {
  readonly role: string;
  readonly #makeContext: MakeContext;
  readonly #mayTypesOfTablesMeet: boolean;
  #context: SchemaContext;
  #query: ObjectType | undefined;
  #mutation: ObjectType | null | undefined;
  #subscription: ObjectType | null | undefined;
  #types: ReadonlyMap<string, NamedType> | undefined;
  #isOfMany: boolean | undefined;

  constructor(makeContext: MakeContext, mayTypesOfTablesMeet: boolean) {
    this.#makeContext = makeContext;
    this.#mayTypesOfTablesMeet = mayTypesOfTablesMeet;
    this.#context = makeContext();
    this.role = this.#context.role;
  }

  get queryRoot(): ObjectType {
    this.#query ??= queryRoot(this.#context);
    return this.#query;
  }

  get mutationRoot(): ObjectType | null {
    if (this.#mutation === undefined) this.#mutation = mutationRoot(this.#context);
    return this.#mutation;
  }

  get subscriptionRoot(): ObjectType | null {
    if (this.#subscription === undefined) this.#subscription = subscriptionRoot(this.#context);
    return this.#subscription;
  }

  get isLarge(): boolean {
    this.#isOfMany ??= seesMoreTables(this.#context, mostTables);
    return this.#isOfMany;
  }

  readonly findType = (name: string): NamedType | null => this.#sorted().get(name) ?? null;

  readonly allTypes = (): readonly NamedType[] => [...this.#sorted().values()];

  *eachType(): Generator<NamedType | null, void> {
    if (this.#types !== undefined) {
      yield* this.#types.values();
      return;
    }
    if (this.isLarge) {
      // in a context of its own, so that what requests have made stays as it is
      const context = this.#makeContext({ forgetsTables: true });
      const roots = [queryRoot(context), mutationRoot(context), subscriptionRoot(context)];
      yield* walkTypes(roots, { forgets: true, mayTypesOfTablesMeet: this.#mayTypesOfTablesMeet });
      return;
    }
    const types: NamedType[] = [];
    for (const type of walkTypes(this.#roots())) {
      types.push(type);
      yield null;
    }
    yield* this.#keep(sortedByName(types)).values();
  }

  readonly namingOf: RoleSchema['namingOf'] = (source) =>
    this.#context.model.sources.get(source)?.naming ?? null;

  #sorted(): ReadonlyMap<string, NamedType> {
    if (this.#types !== undefined) return this.#types;
    return this.#keep(reachableTypes(this.#roots()));
  }

  #keep(types: ReadonlyMap<string, NamedType>): ReadonlyMap<string, NamedType> {
    if (types.size <= mostKeptTypes) this.#types = types;
    else this.#forget();
    return types;
  }

  #roots(): readonly (ObjectType | null)[] {
    return [this.queryRoot, this.mutationRoot, this.subscriptionRoot];
  }

  /** What was made so far lives on with those who hold it; others get it made anew. */
  #forget(): void {
    this.#context = this.#makeContext();
    this.#query = undefined;
    this.#mutation = undefined;
    this.#subscription = undefined;
  }
}

function seesMoreTables(context: SchemaContext, limit: number): boolean {
  let seen = 0;
  for (const { tables } of context.model.sources.values()) {
    for (const table of tables.values()) {
      if (table.graphqlName === null) continue;
      const { select, insert, update, delete: removal } = context.model.rulesOf(context.role, table);
      if (select === null && insert === null && update === null && removal === null) continue;
      if (++seen > limit) return true;
    }
  }
  return false;
}
