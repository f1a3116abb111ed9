import { Path, RequestError } from '../support/index.ts';
import { decodeHeaderValue } from './headers.ts';
import type { RawHeaders, Session } from './types.ts';

const prefix = 'x-hasura-';
const backendOnlyName = 'x-hasura-use-backend-only-permissions';

/** How names of session variables appear in messages; releases since 2.43 quote them, the test-suite and older ones do not. */
export function printVariable(name: string): string {
  return name;
}

/**
 * The session variables among request headers: names in lower case, without the secret, the last of duplicates wins.
 * Source: spec/authentication.md 5.
 */
export function sessionVariablesOf(headers: RawHeaders): Map<string, string> {
  const variables = new Map<string, string>();
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string; // i < length
    // most headers end here, before anything is copied
    if (name.length <= prefix.length || name.charCodeAt(1) !== 0x2d) continue;
    const lowerName = name.toLowerCase();
    if (!lowerName.startsWith(prefix) || isSecretName(lowerName)) continue;
    variables.set(lowerName, decodeHeaderValue(headers[i + 1] as string));
  }
  return variables;
}

export function isSecretName(lowerName: string): boolean {
  return lowerName === 'x-hasura-admin-secret' || lowerName === 'x-hasura-access-key';
}

/** The role that headers ask for; an empty one counts as absent. */
export function requestedRole(variables: ReadonlyMap<string, string>): string | null {
  return variables.get('x-hasura-role') || null;
}

/**
 * A session made from variables; `x-hasura-role` in them is overwritten by the role that was decided.
 * `mayUseBackendOnly`: the caller holds the admin secret, or there is none.
 * Throws `bad-request` when the backend-only flag counts and is not a boolean.
 */
export function makeSession(
  role: string,
  variables: Map<string, string>,
  options: { readonly mayUseBackendOnly?: boolean; readonly expiresAt?: Date | null } = {},
): Session {
  variables.set('x-hasura-role', role);
  return {
    role,
    variables,
    isAdmin: role === 'admin',
    usesBackendOnly: options.mayUseBackendOnly === true && readBackendOnly(variables.get(backendOnlyName)),
    expiresAt: options.expiresAt ?? null,
  };
}

function readBackendOnly(text: string | undefined): boolean {
  switch (text?.toLowerCase()) {
    case undefined:
    case 'false':
    case 'f':
    case 'no':
    case 'n':
      return false;
    case 'true':
    case 't':
    case 'yes':
    case 'y':
      return true;
    default:
      throw new RequestError(
        'bad-request',
        Path.root,
        `${printVariable(backendOnlyName)}:  Not a valid boolean text. True values are ["true","t","yes","y"] and  False values are ["false","f","no","n"]. All values are case insensitive`,
      );
  }
}
