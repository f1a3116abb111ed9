import type { AnsweredPart, GraphqlRequest, LiveOperation } from '../../runtime/index.ts';
import { stringifyJson } from '../../support/index.ts';
import type { Logger, TracePlace } from './logger.ts';

export type QueryKind = 'database' | 'action' | 'remote-schema' | 'cached' | 'introspection';

/** One query-log line: what is asked of whom. `generatedSql` is JSON text. Source: spec/server.md 5.4. */
export function logQuery(
  logger: Logger,
  requestId: string,
  request: GraphqlRequest,
  place: TracePlace | null = null,
  kind: QueryKind = 'database',
  generatedSql = 'null',
): void {
  if (!logger.isEnabled('query-log', 'info')) return;
  logger.writeDetail(
    'query-log',
    'info',
    `{"request_id":${JSON.stringify(requestId)},"kind":"${kind}","query":${requestJson(request)},"generated_sql":${generatedSql}}`,
    place,
  );
}

/** The query-log line of a subscription. */
export function logSubscription(
  logger: Logger,
  requestId: string,
  request: GraphqlRequest,
  { statements }: Pick<LiveOperation, 'statements'>,
  place: TracePlace | null,
): void {
  if (!logger.isEnabled('query-log', 'info')) return;
  const entries = statements().map(({ fields, text, parameters }) => sqlMember(fields, text, parameters));
  const sql = entries.length === 0 ? 'null' : JSON.stringify(Object.fromEntries(entries));
  logQuery(logger, requestId, request, place, entries.length === 0 ? 'action' : 'database', sql);
}

/** A member of `generated_sql`. */
function sqlMember(
  fields: readonly string[],
  query: string,
  parameters: readonly (string | null)[],
): [string, unknown] {
  return [fields.join(','), { query, prepared_arguments: parameters }];
}

/** The query-log lines of one operation: one for each part of its answer, as the work for it begins. */
export class QueryLog {
  readonly #write: (kind: QueryKind, generatedSql?: string) => void;
  /** Kinds without a text of their own are told once. */
  readonly #told = new Set<QueryKind>();
  #isCached = false;

  constructor(write: (kind: QueryKind, generatedSql?: string) => void) {
    this.#write = write;
  }

  onPart(part: AnsweredPart): void {
    if (part.kind !== 'database') {
      this.#tellOnce(part.kind === 'entities' ? 'database' : part.kind);
      return;
    }
    for (const { text, parameters } of part.statements) {
      this.#told.add('database');
      const member = sqlMember(part.fields, text, parameters);
      this.#write('database', JSON.stringify(Object.fromEntries([member])));
    }
    if (part.statements.length === 0) this.#tellOnce('database');
  }

  onCacheHeader(name: string): void {
    if (name === 'Cache-Control') this.#isCached = true;
  }

  /** What was answered without asking anybody. */
  onEnd(): void {
    if (this.#told.size === 0) this.#tellOnce(this.#isCached ? 'cached' : 'introspection');
  }

  #tellOnce(kind: QueryKind): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#write(kind);
  }
}

/** The request as JSON text, without members that were not given. */
export function requestJson({ query, operationName, variables }: GraphqlRequest): string {
  let json = `{"query":${JSON.stringify(query)}`;
  if (operationName !== null) json += `,"operationName":${JSON.stringify(operationName)}`;
  if (variables !== null) json += `,"variables":${stringifyJson(variables)}`;
  return `${json}}`;
}
