import { LRUCache } from 'lru-cache';
import type { VariableShape } from '../plan/index.ts';
import { type Json, type JsonObject, stringifyJson } from '../support/index.ts';
import type { Executable } from './executable.ts';
import type { PlannedOperation } from './types.ts';

/** What a plan depends on besides the values of variables. */
export interface PlanKey {
  readonly modelId: number;
  readonly role: string;
  readonly usesBackendOnly: boolean;
  /** The schema: equal texts mean different things in each. */
  readonly api?: 'graphql' | 'relay' | undefined;
  readonly query: string;
  readonly operationName: string | null;
}

/** One operation: which of its variables decide the shape of plans is learnt from the plans seen so far. */
export interface CachedOperation {
  /** Makes the keys of its plans unlike those of others; changes when the set below grows, which drops its plans. */
  prefix: string;
  structuralVariables: ReadonlySet<string>;
  shapes: ReadonlyMap<string, VariableShape>;
}

/**
 * Plans by operation and shape of the variables, the least recently used dropped first.
 * Plans lead to the model that they were made of, so those of older models are dropped at once rather than kept alive until they are displaced.
 * An operation's plan may be used for other values as long as every structural variable is equal, every shape is, and every other variable is absent, null or given as before.
 */
export class PlanCache {
  readonly #operations: LRUCache<string, CachedOperation>;
  readonly #plans: LRUCache<string, Executable>;
  #newestModelId = 0;
  #nextPrefix = 0;
  #hits = 0;
  #misses = 0;

  constructor({
    maxEntries = 4000,
    maxBytes = 64 * 1024 * 1024,
  }: { readonly maxEntries?: number; readonly maxBytes?: number } = {}) {
    this.#operations = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: (_operation, key) => key.length + 200,
    });
    this.#plans = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: (executable, key) => executable.sizeBytes + key.length + 200,
    });
  }

  find(key: PlanKey, variables: JsonObject | null): Executable | undefined {
    const operation = this.#operations.get(operationKey(key));
    const found =
      operation === undefined
        ? undefined
        : this.#plans.get(operation.prefix + variablesKey(variables, operation));
    if (found === undefined) this.#misses++;
    else this.#hits++;
    return found;
  }

  add(
    key: PlanKey,
    variables: JsonObject | null,
    { structuralVariables, shapes = noShapes }: Omit<PlannedOperation, 'plan'>,
    executable: Executable,
  ): void {
    if (key.modelId < this.#newestModelId) return;
    if (key.modelId > this.#newestModelId) {
      this.#operations.clear();
      this.#plans.clear();
      this.#newestModelId = key.modelId;
    }
    const text = operationKey(key);
    let operation = this.#operations.get(text);
    if (operation === undefined) {
      operation = { prefix: this.#newPrefix(), structuralVariables, shapes };
      this.#operations.set(text, operation);
    } else if (
      !isSubset(structuralVariables, operation.structuralVariables) ||
      !isSubset(shapes.keys(), operation.shapes)
    ) {
      // earlier plans were found without regard to these values
      operation.structuralVariables = new Set([...operation.structuralVariables, ...structuralVariables]);
      operation.shapes = new Map([...operation.shapes, ...shapes]);
      operation.prefix = this.#newPrefix();
    }
    this.#plans.set(operation.prefix + variablesKey(variables, operation), executable);
  }

  stats(): {
    readonly plans: number;
    readonly planBytes: number;
    readonly hits: number;
    readonly misses: number;
  } {
    return {
      plans: this.#plans.size,
      planBytes: this.#plans.calculatedSize,
      hits: this.#hits,
      misses: this.#misses,
    };
  }

  #newPrefix(): string {
    return `${this.#nextPrefix++} `;
  }
}

function operationKey({ modelId, role, usesBackendOnly, api, query, operationName }: PlanKey): string {
  // lengths keep the parts apart, whatever they contain
  return `${modelId} ${usesBackendOnly ? 1 : 0}${api === 'relay' ? 'r' : ''} ${role.length} ${role}${
    operationName === null ? '-' : `${operationName.length} ${operationName}`
  }${query}`;
}

const noShapes: ReadonlyMap<string, VariableShape> = new Map();

/** The shape of the variables. Names are counted, so that no name can pass for two. */
function variablesKey(
  variables: JsonObject | null,
  { structuralVariables, shapes }: CachedOperation,
): string {
  if (variables === null) return '';
  let key = '';
  for (const name of Object.keys(variables)) {
    const value = variables[name] as Json;
    key += `${name.length} ${name}`;
    if (structuralVariables.has(name)) {
      const text = stringifyJson(value);
      key += `=${text.length} ${text}`;
    } else if (value === null) {
      key += '0';
    } else {
      key += '1';
      for (const { variable, shapeOf } of shapes.values()) {
        if (variable !== name) continue;
        const shape = shapeOf(value);
        key += `${shape.length} ${shape}`;
      }
    }
  }
  return key;
}

function isSubset(names: Iterable<string>, of: { has(name: string): boolean }): boolean {
  for (const name of names) if (!of.has(name)) return false;
  return true;
}
