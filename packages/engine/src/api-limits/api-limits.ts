import type { Session } from '../authentication/index.ts';
import type { ApiLimitsMetadata, LimitMetadata, RateLimitMetadata } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import type { OperationSize } from './measure-operation.ts';
import type { RateStore } from './rate-store.ts';

/** The limits of one role; null: there is none of the kind. */
export interface RoleLimits {
  readonly depth: number | null;
  readonly nodes: number | null;
  readonly timeSeconds: number | null;
  readonly batch: number | null;
  readonly rate: RateLimitMetadata | null;
}

/** What must be known of a caller beyond the session. */
export interface RequestOrigin {
  /** Null when it is not known. */
  readonly clientAddress: string | null;
  /** Operations of the request. */
  readonly operations: number;
  readonly isBatch: boolean;
}

/** Limits of a metadata document, by role. Source: spec/permissions.md 10.2. */
export class ApiLimits {
  readonly #forAll: RoleLimits | null;
  readonly #byRole = new Map<string, RoleLimits>();

  constructor(declared: ApiLimitsMetadata | undefined) {
    const active = declared === undefined || declared.disabled === true ? {} : declared;
    const { depth_limit: depth, node_limit: nodes, time_limit: time, batch_limit: batch } = active;
    const { rate_limit: rate } = active;
    const limitsOf = (role: string | null): RoleLimits => ({
      depth: limitOf(depth, role),
      nodes: limitOf(nodes, role),
      timeSeconds: limitOf(time, role),
      batch: limitOf(batch, role),
      rate: limitOf(rate, role),
    });
    this.#forAll = orNone(limitsOf(null));
    for (const limit of [depth, nodes, time, batch, rate]) {
      for (const role of Object.keys(limit?.per_role ?? {})) this.#byRole.set(role, limitsOf(role));
    }
  }

  /** Null: nothing limits the role. The administrator has no limits. */
  forRole({ role, isAdmin }: Pick<Session, 'role' | 'isAdmin'>): RoleLimits | null {
    return isAdmin ? null : (this.#byRole.get(role) ?? this.#forAll);
  }
}

/** A role's own value replaces the one for all. */
function limitOf<T>(limit: LimitMetadata<T> | undefined, role: string | null): T | null {
  const own = role === null || limit?.per_role === undefined ? undefined : ownValue(limit.per_role, role);
  return own ?? limit?.global ?? null;
}

function ownValue<T>(values: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function orNone(limits: RoleLimits): RoleLimits | null {
  return Object.values(limits).some((limit) => limit !== null) ? limits : null;
}

/**
 * Refuses a request as a whole: when it has too many operations, or when its caller has asked too often. Each operation counts.
 * @throws RequestError `batch-limit-exceeded`, `rate-limit-exceeded`
 */
export function admitRequest(
  limits: RoleLimits,
  session: Session,
  origin: RequestOrigin,
  store: RateStore,
): void | Promise<void> {
  if (limits.batch !== null && origin.isBatch && origin.operations > limits.batch) {
    throw new RequestError(
      'batch-limit-exceeded',
      Path.root,
      `the batch has ${origin.operations} operations, more than the limit of ${limits.batch} for the role "${session.role}"`,
    );
  }
  const { rate } = limits;
  if (rate === null) return;
  const decision = store.take(rateKey(rate, session, origin), origin.operations, rate.max_reqs_per_min);
  const judge = ({ isAllowed, retryAfterSeconds }: Awaited<typeof decision>): void => {
    if (isAllowed) return;
    throw new RequestError(
      'rate-limit-exceeded',
      Path.root,
      `too many requests for the role "${session.role}": the limit is ${rate.max_reqs_per_min} per minute`,
      { status: 429, retryAfterSeconds },
    );
  };
  return decision instanceof Promise ? decision.then(judge) : judge(decision);
}

/** Role and what tells its callers apart; a session variable that is missing counts as empty. */
function rateKey(
  { unique_params: unique }: RateLimitMetadata,
  session: Session,
  origin: RequestOrigin,
): string {
  if (unique == null) return JSON.stringify([session.role]);
  if (unique === 'IP') return JSON.stringify([session.role, 'IP', origin.clientAddress ?? '']);
  const values = unique.map((name) => session.variables.get(name.toLowerCase()) ?? '');
  return JSON.stringify([session.role, unique, values]);
}

/** @throws RequestError `depth-limit-exceeded`, `node-limit-exceeded` */
export function refuseLargeOperation({ depth, nodes }: RoleLimits, role: string, size: OperationSize): void {
  if (depth !== null && size.depth > depth) {
    throw new RequestError(
      'depth-limit-exceeded',
      Path.root,
      `the query depth of ${size.depth} exceeds the limit of ${depth} for the role "${role}"`,
    );
  }
  if (nodes !== null && size.nodes > nodes) {
    throw new RequestError(
      'node-limit-exceeded',
      Path.root,
      `the query has ${size.nodes} nodes, more than the limit of ${nodes} for the role "${role}"`,
    );
  }
}
