/** A stretch of work within a trace. Calls are cheap and never throw; where nobody traces there is no span at all. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Begins a part of this work; `client`: it waits for another service. */
  child(name: string, kind?: 'internal' | 'client'): Span;
  set(name: string, value: string | number | boolean): void;
  fail(message: string): void;
  end(): void;
  /** Headers, names and values in turn, with this span in the place of the trace that they carried: what another service is told. */
  carriedBy(headers: readonly string[]): readonly string[];
}

/** Ends the span with the work, as failed when that fails. */
export async function during<T>(work: Promise<T>, span: Span): Promise<T> {
  try {
    return await work;
  } catch (error) {
    span.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    span.end();
  }
}
