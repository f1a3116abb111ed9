import type { OperationLabels } from './types.ts';

/** Labels of an operation as Prometheus has them. */
export interface LabelValues {
  readonly operation_type: string;
  readonly operation_name: string;
  readonly parameterized_query_hash: string;
}

/**
 * One value per operation, for a bounded number of operations: those that come when there is no room, and all when names are not wanted,
 * share the value of their kind, whose name and hash are empty.
 */
export class OperationSeries<Value> {
  readonly #make: (labels: LabelValues) => Value;
  readonly #maximum: number;
  readonly #known = new Map<string, readonly [LabelValues, Value]>();
  /** The same operations by the object that stands for them, which spares putting a key together. */
  readonly #byObject = new WeakMap<OperationLabels, Value>();

  /** @param maximum operations with names of their own; 0: none */
  constructor(maximum: number, make: (labels: LabelValues) => Value) {
    this.#maximum = maximum;
    this.#make = make;
  }

  of(operation: OperationLabels | null): Value {
    if (operation === null) return this.#find('unknown', '', '');
    let value = this.#byObject.get(operation);
    if (value === undefined) {
      const { kind, name, parameterizedHash } = operation;
      value = this.#find(kind, name ?? '', parameterizedHash);
      this.#byObject.set(operation, value);
    }
    return value;
  }

  entries(): Iterable<readonly [LabelValues, Value]> {
    return this.#known.values();
  }

  #find(type: string, name: string, hash: string): Value {
    const key = `${type} ${hash} ${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known[1];
    if ((name !== '' || hash !== '') && this.#known.size >= this.#maximum) return this.#find(type, '', '');
    const labels = { operation_type: type, operation_name: name, parameterized_query_hash: hash };
    const value = this.#make(labels);
    this.#known.set(key, [labels, value]);
    return value;
  }
}
