/** The view of a model that one role has. */
import type { Model } from '../model/index.ts';
import { type RoleSchemaOptions, SchemaContext } from './context.ts';
import { forgetFields } from './lazy-types.ts';
import { reachableTypes, sortedByName, walkTypes } from './reachable-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import type { NamedType, ObjectType, RoleSchema } from './types.ts';

/**
 * Makes nothing but the root types; every other type is made when it is first named. An unknown role gets the empty schema.
 * Source: spec/permissions.md 1.4, 4.
 */
export function createRoleSchema(model: Model, role: string, options: RoleSchemaOptions): RoleSchema {
  return new LazyRoleSchema(() => new SchemaContext(model, role, options));
}

/**
 * A schema of more types than this is not kept once all of them were asked for, as introspection does: a table has some twenty types of
 * about 7 kB each, and every role has its own.
 */
const mostKeptTypes = 2_000;

class LazyRoleSchema implements RoleSchema {
  readonly role: string;
  readonly #makeContext: () => SchemaContext;
  #context: SchemaContext;
  #query: ObjectType | undefined;
  #mutation: ObjectType | null | undefined;
  #subscription: ObjectType | null | undefined;
  #types: ReadonlyMap<string, NamedType> | undefined;

  constructor(makeContext: () => SchemaContext) {
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

  *eachType(): Generator<NamedType, void> {
    if (this.#types !== undefined) {
      yield* this.#types.values();
      return;
    }
    let kept: NamedType[] | null = [];
    for (const type of walkTypes([this.queryRoot, this.mutationRoot, this.subscriptionRoot])) {
      yield type;
      kept?.push(type);
      if (kept === null) forgetFields(type);
      else if (kept.length > mostKeptTypes) {
        kept.forEach(forgetFields);
        kept = null;
      }
    }
    if (kept === null) this.#forget();
    else this.#types = sortedByName(kept);
  }

  readonly namingOf: RoleSchema['namingOf'] = (source) =>
    this.#context.model.sources.get(source)?.naming ?? null;

  #sorted(): ReadonlyMap<string, NamedType> {
    if (this.#types !== undefined) return this.#types;
    const types = reachableTypes([this.queryRoot, this.mutationRoot, this.subscriptionRoot]);
    if (types.size <= mostKeptTypes) this.#types = types;
    else this.#forget();
    return types;
  }

  /** What was made so far lives on with those who hold it; others get it made anew. */
  #forget(): void {
    this.#context = this.#makeContext();
    this.#query = undefined;
    this.#mutation = undefined;
    this.#subscription = undefined;
  }
}
