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
