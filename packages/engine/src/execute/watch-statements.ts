import type { BatchResult, Bytes, Connection, Query, QueryOptions, Reader, Row } from '../database/index.ts';
import { during, type Span } from '../support/index.ts';
import type { AnsweredPart } from './answered-part.ts';
import type { Executable } from './executable.ts';
import { fieldNames, type StatementTags, type Tagger, taggerFor } from './query-tags.ts';

/** What executes the statements of a mutation. */
export type Writer = Pick<Connection, 'batch'>;

/** Who wants to know of statements, or wants them to say where they come from. */
export interface StatementWatch {
  readonly span?: Span | null | undefined;
  readonly tags?: StatementTags | null | undefined;
  readonly onPart?: ((part: AnsweredPart) => void) | undefined;
}

/** The same readers where nobody watches; else such as write comments and spans. */
export function watchReaders(
  readers: ReadonlyMap<string, Reader>,
  executable: Executable,
  watch: StatementWatch,
): ReadonlyMap<string, Reader> {
  if (isUnwatched(watch)) return readers;
  return mapValues(readers, (reader, source) =>
    watchedReader(reader, makeObserver(source, executable, watch)),
  );
}

/** As `watchReaders`, for those who write. */
export function watchWriters(
  writers: ReadonlyMap<string, Writer>,
  executable: Executable,
  watch: StatementWatch,
): ReadonlyMap<string, Writer> {
  if (isUnwatched(watch)) return writers;
  return mapValues(writers, (writer, source) =>
    watchedWriter(writer, makeObserver(source, executable, watch)),
  );
}

function isUnwatched({ span, tags, onPart }: StatementWatch): boolean {
  return span == null && tags == null && onPart === undefined;
}

interface Observer {
  readonly source: string;
  readonly tagger: Tagger | null;
  readonly span: Span | null;
  readonly onStatements: (statements: readonly Query[]) => void;
}

function makeObserver(source: string, executable: Executable, watch: StatementWatch): Observer {
  const { span, tags, onPart } = watch;
  return {
    source,
    tagger: tags == null ? null : taggerFor(source, executable, tags),
    span: span ?? null,
    onStatements: (statements) =>
      onPart?.({ kind: 'database', fields: fieldNames(executable.plan.fields, source), statements }),
  };
}

function watchedReader(reader: Reader, observer: Observer): Reader {
  const { onStatements } = observer;
  return {
    queryBytes(query: Query, options?: QueryOptions): Promise<readonly (Bytes | null)[]> {
      onStatements([query]);
      const work = reader.queryBytes(tagged(query, observer), tagOptions(query, options, observer));
      return observe(observer, query.text, work);
    },
    queryList(query: Query, options?: QueryOptions): Promise<readonly (readonly (Bytes | null)[])[]> {
      onStatements([query]);
      const work = reader.queryList(tagged(query, observer), tagOptions(query, options, observer));
      return observe(observer, query.text, work);
    },
    queryRows(query: Query, options?: QueryOptions): Promise<readonly Row[]> {
      onStatements([query]);
      const work = reader.queryRows(tagged(query, observer), tagOptions(query, options, observer));
      return observe(observer, query.text, work);
    },
  };
}

function watchedWriter(writer: Writer, observer: Observer): Writer {
  return {
    batch(queries: readonly Query[], options?: QueryOptions): Promise<BatchResult> {
      // they are many, and mostly the engine's own
      observer.onStatements([]);
      const last = queries.at(-1);
      return observe(
        observer,
        queries.map(({ text }) => text).join(';\n'),
        writer.batch(
          queries.map((query) => tagged(query, observer)),
          last === undefined ? options : tagOptions(last, options, observer),
        ),
      );
    },
  };
}

function tagged(query: Query, { tagger }: Observer): Query {
  return tagger === null ? query : { text: tagger.tag(query.text), parameters: query.parameters };
}

function tagOptions(
  { text }: Query,
  options: QueryOptions | undefined,
  { tagger }: Observer,
): QueryOptions | undefined {
  return tagger === null || tagger.isStable ? options : { ...options, prepare: false, knownAs: text };
}

/** Source of the names: OpenTelemetry's semantic conventions for databases. */
function observe<T>({ source, span: parent }: Observer, text: string, work: Promise<T>): Promise<T> {
  if (parent === null) return work;
  const span = parent.child(`PostgreSQL ${source}`, 'client');
  span.set('db.system.name', 'postgresql');
  span.set('source_name', source);
  span.set('db.query.text', text);
  return during(work, span);
}

function mapValues<From, To>(
  map: ReadonlyMap<string, From>,
  make: (value: From, key: string) => To,
): ReadonlyMap<string, To> {
  return new Map([...map].map(([key, value]) => [key, make(value, key)]));
}
