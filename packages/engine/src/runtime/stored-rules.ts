import {
  ApiLimits,
  admitRequest,
  createMeasure,
  type RateStore,
  type RequestOrigin,
  refuseLargeOperation,
} from '../api-limits/index.ts';
import type { Session } from '../authentication/index.ts';
import type { Metadata } from '../metadata/index.ts';
import { Allowlist, EndpointTable, readVariables, requestSegments } from '../saved-queries/index.ts';
import type { GraphqlRequest, RestRequest, RuntimeOptions } from './types.ts';

/**
 * What the metadata says about whole requests, whatever their fields: allow list, limits, REST endpoints. Made anew when the metadata that it comes from
 * changes; counts of requests go on.
 */
export class StoredRules {
  readonly #options: RuntimeOptions;
  readonly #rates: RateStore;
  readonly #measure = createMeasure();
  #metadata: Metadata | null = null;
  #allowlist: Allowlist | null = null;
  #limits = new ApiLimits(undefined);
  #endpoints: EndpointTable | null = null;

  constructor(options: RuntimeOptions, rates: RateStore) {
    this.#options = options;
    this.#rates = rates;
  }

  putInForce(metadata: Metadata): void {
    const before = this.#metadata;
    this.#metadata = metadata;
    if (before?.api_limits !== metadata.api_limits) this.#limits = new ApiLimits(metadata.api_limits);
    if (before !== null && before.query_collections === metadata.query_collections) {
      if (before.allowlist !== metadata.allowlist) this.#allowlist = null;
      if (before.rest_endpoints !== metadata.rest_endpoints) this.#endpoints = null;
    } else {
      this.#allowlist = null;
      this.#endpoints = null;
    }
  }

  /** Judges a request before its operations are looked at. @throws RequestError */
  admit(session: Session, origin: RequestOrigin): void | Promise<void> {
    const limits = this.#limits.forRole(session);
    if (limits !== null) return admitRequest(limits, session, origin, this.#rates);
  }

  /** Judges an operation before it is planned. @throws RequestError */
  judge({ query, operationName }: GraphqlRequest, session: Session): void {
    if (session.isAdmin) return;
    if (this.#options.enableAllowlist) this.#allowlistInForce().require(query, session.role);
    const limits = this.#limits.forRole(session);
    if (limits === null || (limits.depth === null && limits.nodes === null)) return;
    refuseLargeOperation(limits, session.role, this.#measure(query, operationName));
  }

  /** Seconds that the role's operations may take; null: any. */
  timeLimit(session: Session): number | null {
    return this.#limits.forRole(session)?.timeSeconds ?? null;
  }

  /** The operation behind a REST request. @throws RequestError */
  readRestRequest({ method, path, search, body }: RestRequest): GraphqlRequest {
    const match = this.#endpointsInForce().find(method, requestSegments(path));
    return {
      query: match.endpoint.query,
      operationName: null,
      variables: readVariables(match, { search, body }),
    };
  }

  #allowlistInForce(): Allowlist {
    this.#allowlist ??= new Allowlist(this.#inForce(), { honoursRoles: this.#options.allowlistRoleScopes });
    return this.#allowlist;
  }

  #endpointsInForce(): EndpointTable {
    this.#endpoints ??= new EndpointTable(this.#inForce());
    return this.#endpoints;
  }

  #inForce(): Metadata {
    // the runtime is given to nobody before it has metadata
    return this.#metadata as Metadata;
  }
}
