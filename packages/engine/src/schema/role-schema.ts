/** The view of a model that one role has. */
import type { Model } from '../model/index.ts';
import { type RoleSchemaOptions, SchemaContext } from './context.ts';
import { namedTypeOf, reachableTypes, sortedByName, walkTypes } from './reachable-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import type { NamedType, ObjectType, RoleSchema } from './types.ts';

/**
 * Makes nothing but the root types; every other type is made when it is first named. An unknown role gets the empty schema.
 * Source: spec/permissions.md 1.4, 4.
 */
export function createRoleSchema(model: Model, role: string, options: RoleSchemaOptions): RoleSchema {
  return new LazyRoleSchema((changes) => new SchemaContext(model, role, { ...options, ...changes }));
}

/**
 * A schema of more types than this is not kept once all of them were asked for, as introspection does: a table has some twenty types of
 * about 7 kB each, and every role has its own.
 */
const mostKeptTypes = 2_000;

/** The types of a schema with more root fields are made and let go one by one when all of them are asked for. A table has up to a dozen. */
const mostRootFields = 600;

type MakeContext = (changes?: Pick<RoleSchemaOptions, 'forgetsTables'>) => SchemaContext;

class LazyRoleSchema implements RoleSchema {
  readonly role: string;
  readonly #makeContext: MakeContext;
  #context: SchemaContext;
  #query: ObjectType | undefined;
  #mutation: ObjectType | null | undefined;
  #subscription: ObjectType | null | undefined;
  #types: ReadonlyMap<string, NamedType> | undefined;

  constructor(makeContext: MakeContext) {
    this.#makeContext = makeContext;
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

  readonly findType = (name: string): NamedType | null => this.#sorted().get(name) ?? null;

  readonly allTypes = (): readonly NamedType[] => [...this.#sorted().values()];

  *eachType(): Generator<NamedType | null, void> {
    if (this.#types !== undefined) {
      yield* this.#types.values();
      return;
    }
    if (this.#isLarge()) {
      // in a context of its own, so that what requests have made stays as it is
      const context = this.#makeContext({ forgetsTables: true });
      yield* walkTypes([queryRoot(context), mutationRoot(context), subscriptionRoot(context)], true);
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

  #isLarge(): boolean {
    let fields = 0;
    for (const root of this.#roots()) {
      for (const { meaning, type } of root?.fields.values() ?? []) {
        // a namespace stands for the fields in it; no other type is asked for, since many would have to be made
        const inner = meaning.kind === 'namespace' ? namedTypeOf(type) : null;
        fields += inner?.kind === 'object' ? inner.fields.size : 1;
      }
    }
    return fields > mostRootFields;
  }

  /** What was made so far lives on with those who hold it; others get it made anew. */
  #forget(): void {
    this.#context = this.#makeContext();
    this.#query = undefined;
    this.#mutation = undefined;
    this.#subscription = undefined;
  }
}
