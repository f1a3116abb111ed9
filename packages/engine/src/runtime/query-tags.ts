import type { StatementTags } from '../execute/index.ts';
import type { OperationIdentifier } from '../graphql/index.ts';
import type { Metadata } from '../metadata/index.ts';
import type { GraphqlRequest } from './types.ts';

/** What the sources want their statements to say. Source: spec/metadata-api.md 2.2, spec/server.md 6.2. */
export class QueryTags {
  readonly #identify: OperationIdentifier;
  #sources: StatementTags['sources'] | null = null;

  constructor(identify: OperationIdentifier) {
    this.#identify = identify;
  }

  putInForce({ sources }: Metadata): void {
    const tagged = sources.flatMap(({ name, query_tags: tags }) => {
      if (tags === undefined || tags.disabled === true) return [];
      const { format = 'standard', omit_request_id: omitsRequestId = true } = tags;
      return [[name, { format, hasRequestId: !omitsRequestId }] as const];
    });
    this.#sources = tagged.length === 0 ? null : new Map(tagged);
  }

  /** Null where no source wants any. */
  for({ query, operationName }: GraphqlRequest, requestId: string | undefined): StatementTags | null {
    if (this.#sources === null) return null;
    const operation = this.#identify(query, operationName);
    return {
      sources: this.#sources,
      operationName: operation?.name ?? null,
      parameterizedHash: operation?.parameterizedHash ?? null,
      requestId: requestId ?? null,
    };
  }
}
