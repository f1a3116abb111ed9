import type { Registry } from 'prom-client';
import type { StateReaders } from './types.ts';

/** What the parts of the metrics are made with. */
export interface MetricTools {
  readonly library: typeof import('prom-client');
  readonly registry: Registry;
  /** Operations that get series with their names. */
  readonly maximumOperations: number;
  /** Where states are read now. */
  readonly readers: () => Partial<StateReaders>;
}
