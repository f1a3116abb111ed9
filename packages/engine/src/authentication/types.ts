/** Who is asking. Source: spec/authentication.md 1. */
export interface Session {
  /** Never empty; `admin` may do all. */
  readonly role: string;
  /** Lower-case `x-hasura-*` names; contains `x-hasura-role`, never the secret. */
  readonly variables: ReadonlyMap<string, string>;
  readonly isAdmin: boolean;
  /** The request may use backend-only permissions (spec/permissions.md 1.5). */
  readonly usesBackendOnly: boolean;
  /** When the credentials end; closes WebSockets. */
  readonly expiresAt: Date | null;
}

/**
 * Header names and values in turn, as they were sent, duplicates included: what Node calls `rawHeaders`. Values hold one byte per character (latin1).
 */
export type RawHeaders = readonly string[];

/** The outcome of authentication. */
export interface Authenticated {
  readonly session: Session;
  /** Names and values in turn that the HTTP response carries (`Set-Cookie` of the webhook); nothing on WebSockets. */
  readonly responseHeaders: readonly string[];
}

/**
 * One way of recognising callers that sent no admin secret. A promise only where something has to be waited for.
 * Fails with a RequestError, thrown or rejected.
 */
export interface AuthenticationMode {
  authenticate(headers: RawHeaders, request: AuthenticationRequest): Authenticated | Promise<Authenticated>;
  /** Stops background work. */
  close(): void;
}

/** What a webhook is told about the request besides its headers. */
export interface AuthenticationRequest {
  /** Makes the JSON text of the GraphQL request (or batch); it gives null for everything else. */
  readonly graphqlBody: () => string | null;
}

/** Where `authentication` writes; `level` and `type` as in spec/server.md 5. */
export type AuthenticationLog = (entry: {
  readonly level: 'info' | 'warn' | 'error';
  readonly type: 'webhook-log' | 'jwk-refresh-log';
  readonly detail: unknown;
}) => void;

/** How callers are recognised. Source: spec/authentication.md 2. */
export interface AuthenticationConfiguration {
  /** Empty: no admin secret. */
  readonly adminSecrets: readonly string[];
  readonly unauthorizedRole: string | null;
  /** The unauthorized role's session variables come from the visitor's own headers, as in Hasura v2; otherwise it has none. */
  readonly trustsVisitors?: boolean;
  readonly hook: HookConfiguration | null;
  readonly jwt: readonly JwtConfiguration[];
}

export interface HookConfiguration {
  readonly url: string;
  readonly mode: 'GET' | 'POST';
  /** POST mode only. */
  readonly sendRequestBody: boolean;
}

/** Where a token is looked for. */
export type TokenLocation =
  | { readonly kind: 'authorization' }
  | { readonly kind: 'cookie'; readonly name: string }
  | { readonly kind: 'header'; readonly name: string };

export type JwtAlgorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'Ed25519';

/** A parsed `HASURA_GRAPHQL_JWT_SECRET`. Source: spec/authentication.md 9.1. */
export interface JwtConfiguration {
  readonly keys:
    | { readonly kind: 'static'; readonly type: JwtAlgorithm; readonly key: string }
    | { readonly kind: 'url'; readonly url: string };
  readonly claims: ClaimsSource;
  readonly audience: readonly string[] | null;
  readonly issuer: string | null;
  readonly allowedSkewSeconds: number;
  readonly location: TokenLocation;
}

export type ClaimsSource =
  | { readonly kind: 'namespace'; readonly name: string; readonly format: ClaimsFormat }
  | { readonly kind: 'path'; readonly path: JsonPath; readonly format: ClaimsFormat }
  | { readonly kind: 'map'; readonly claims: ReadonlyMap<string, MappedClaim>; readonly source: unknown };

export type ClaimsFormat = 'json' | 'stringified_json';

/** Member names and list indexes, outermost first; empty for the root. */
export type JsonPath = readonly (string | number)[];

export type MappedClaim =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'path'; readonly path: JsonPath; readonly default: unknown };
