/** Services whose fields or types are in the way of others. Source: spec/remote-schemas.md 5. */
import type { Model, RemoteConflict, RemoteSchema } from '../model/index.ts';
import { SchemaContext, type SchemaFeatures } from './context.ts';
import { objectType } from './lazy-types.ts';
import { localTypesNamed } from './local-types.ts';
import { reachableTypes } from './reachable-types.ts';
import { rootFieldsOf } from './remote-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import { strictScalars } from './scalars.ts';
import { typeDefinition } from './type-definition.ts';
import type { Field, NamedType } from './types.ts';

const operations = ['query', 'mutation', 'subscription'] as const;

type Operation = (typeof operations)[number];

/**
 * Which of the candidates cannot be taken in, and why. One that is in the way of an earlier one is left out; what is left out is in nobody's way.
 * @param model everything else that there is; it has no services
 */
export function findRemoteConflicts(
  model: Model,
  candidates: readonly RemoteSchema[],
  features: SchemaFeatures,
): ReadonlyMap<string, RemoteConflict> {
  const conflicts = new Map<string, RemoteConflict>();
  if (candidates.length === 0) return conflicts;
  const context = new SchemaContext(model, 'admin', { usesBackendOnly: true, features });
  const taken = new TakenNames(context, candidates);
  for (const schema of candidates) {
    const conflict = taken.add(schema, context);
    if (conflict !== null) conflicts.set(schema.name, conflict);
  }
  return conflicts;
}

/** The names of the sources and actions, and of the services that were taken in. */
class TakenNames {
  readonly #localFields: ReadonlyMap<Operation, ReadonlySet<string>>;
  readonly #localTypes: ReadonlyMap<string, NamedType>;
  readonly #fields = new Map<Operation, Set<string>>(operations.map((operation) => [operation, new Set()]));
  /** With the root fields or namespaces at which a service's types begin. */
  readonly #types = new Map<string, { readonly definition: string; readonly origin: string }>();

  constructor(context: SchemaContext, candidates: readonly RemoteSchema[]) {
    const roots = {
      query: queryRoot(context),
      mutation: mutationRoot(context),
      subscription: subscriptionRoot(context),
    };
    this.#localFields = new Map(
      operations.map((operation) => [operation, namesOf(roots[operation]?.fields.values() ?? [])]),
    );
    const names = candidates.flatMap(({ typeSystem, naming }) =>
      Array.from(typeSystem.types.keys(), (name) => naming.typeName(name)).filter(
        (name) => !Object.hasOwn(strictScalars, name),
      ),
    );
    this.#localTypes = localTypesNamed(names, Object.values(roots));
  }

  /** Takes the service in, or says why it cannot be. */
  add(schema: RemoteSchema, context: SchemaContext): RemoteConflict | null {
    const access = { schema, typeSystem: schema.typeSystem };
    const roots = operations.map(
      (operation) => [operation, [...rootFieldsOf(context, access, operation)]] as const,
    );
    for (const [operation, fields] of roots) {
      const conflict = operation === 'subscription' ? null : this.#fieldConflict(operation, fields);
      if (conflict !== null) return conflict;
    }
    const types = typesBelow(roots.flatMap(([, fields]) => fields));
    const conflict = this.#typeConflict(types, schema.name);
    if (conflict !== null) return conflict;
    for (const [operation, fields] of roots) {
      for (const { name } of fields) this.#fields.get(operation)?.add(name);
    }
    for (const type of types) {
      if (!this.#types.has(type.name)) {
        this.#types.set(type.name, { definition: typeDefinition(type), origin: schema.name });
      }
    }
    return null;
  }

  #fieldConflict(operation: Operation, fields: readonly Field[]): RemoteConflict | null {
    for (const { name } of fields) {
      if (this.#fields.get(operation)?.has(name)) {
        return { reason: `Duplicate remote field '${name}'`, isBetweenServices: true };
      }
      if (this.#localFields.get(operation)?.has(name)) {
        return { reason: `Field cannot be overwritten by remote field '${name}'`, isBetweenServices: false };
      }
    }
    return null;
  }

  #typeConflict(types: readonly NamedType[], origin: string): RemoteConflict | null {
    for (const type of types) {
      const definition = typeDefinition(type);
      const local = this.#localTypes.get(type.name);
      if (local !== undefined && typeDefinition(local) !== definition) {
        const former = { definition: typeDefinition(local), origin: 'the sources and actions' };
        return { reason: describe(type.name, { definition, origin }, former), isBetweenServices: false };
      }
      const former = this.#types.get(type.name);
      if (former !== undefined && former.definition !== definition) {
        return { reason: describe(type.name, { definition, origin }, former), isBetweenServices: true };
      }
    }
    return null;
  }
}

interface Definition {
  readonly definition: string;
  readonly origin: string;
}

function describe(name: string, latter: Definition, former: Definition): string {
  return `Found conflicting definitions for GraphQL type '${name}'.  The definition at ${latter.origin} differs from the definitions at [${former.origin}].\nFormer has definition:\n${former.definition}\nLatter has definition:\n${latter.definition}`;
}

/** Those that the fields lead to, except for what every schema has. */
function typesBelow(fields: readonly Field[]): readonly NamedType[] {
  const root = objectType('', null, () => distinct(fields));
  return [...reachableTypes([root]).values()].filter(
    ({ name }) => name !== '' && !name.startsWith('__') && !Object.hasOwn(strictScalars, name),
  );
}

/** Fields of several roots may have one name, and each leads to types of its own. */
function distinct(fields: readonly Field[]): readonly Field[] {
  return fields.map(({ description, type, arguments: inputs, meaning }, index) => ({
    name: `f${index}`,
    description,
    type,
    arguments: inputs,
    meaning,
  }));
}

function namesOf(fields: Iterable<Field>): ReadonlySet<string> {
  return new Set(Array.from(fields, ({ name }) => name));
}
