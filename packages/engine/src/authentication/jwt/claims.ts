import { Path, RequestError } from '../../support/index.ts';
import { dateAt } from '../date-at.ts';
import { decodeHeaderValue, firstHeader } from '../headers.ts';
import { wrongType } from '../json-type.ts';
import { isSecretName, makeSession, printVariable } from '../session.ts';
import type { ClaimsSource, MappedClaim, RawHeaders, Session } from '../types.ts';
import { followJsonPath, printJsonPath } from './json-path.ts';
import type { Claims } from './token.ts';

const allowedRolesName = 'x-hasura-allowed-roles';
const defaultRoleName = 'x-hasura-default-role';
const registeredClaims: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/** The session that verified claims give, under the role that the headers ask for. Source: spec/authentication.md 9.6-9.9. */
export function sessionFromClaims(claims: Claims, source: ClaimsSource, headers: RawHeaders): Session {
  const found =
    source.kind === 'map' ? mappedClaims(claims, source.claims) : namespacedClaims(claims, source);
  const allowedRoles = readAllowedRoles(found.get(allowedRolesName));
  const defaultRole = readDefaultRole(found.get(defaultRoleName));
  const asked = firstHeader(headers, 'x-hasura-role');
  const role = asked === null || asked === '' ? defaultRole : decodeHeaderValue(asked);
  if (!allowedRoles.includes(role)) {
    throw new RequestError('access-denied', Path.root, 'Your requested role is not in allowed roles');
  }
  const variables = new Map<string, string>();
  for (const [name, value] of found) {
    if (name === allowedRolesName || name === defaultRoleName || isSecretName(name)) continue;
    if (typeof value !== 'string') {
      throw invalidClaims(`x-hasura-* claims: ${wrongType('Text', 'String', value)}`);
    }
    variables.set(name, value);
  }
  const { exp } = claims;
  return makeSession(role, variables, { expiresAt: typeof exp === 'number' ? dateAt(exp * 1000) : null });
}

function namespacedClaims(
  claims: Claims,
  source: Exclude<ClaimsSource, { readonly kind: 'map' }>,
): ReadonlyMap<string, unknown> {
  const custom = Object.fromEntries(Object.entries(claims).filter(([name]) => !registeredClaims.has(name)));
  let value: unknown;
  if (source.kind === 'namespace') {
    value = Object.hasOwn(custom, source.name) ? custom[source.name] : undefined;
    if (value === undefined) throw invalidClaims(`claims key: '${source.name}' not found`);
  } else {
    value = followJsonPath(custom, source.path);
    if (value === undefined) {
      throw invalidClaims(`claims not found at claims_namespace_path: '${printJsonPath(source.path)}'`);
    }
  }
  if (source.format === 'json') {
    if (!isObject(value)) throw invalidClaims('expecting a json object when claims_format is json');
    return sessionClaims(value);
  }
  if (typeof value !== 'string') {
    throw invalidClaims('expecting a string when claims_format is stringified_json');
  }
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(value);
  } catch {
    // told below
  }
  if (!isObject(parsed)) {
    const where =
      source.kind === 'namespace'
        ? `claims_namespace ${source.name}`
        : `claims_namespace_path ${printJsonPath(source.path)}`;
    throw invalidClaims(`expecting stringified json at: '${where}', but found: ${value}`);
  }
  return sessionClaims(parsed);
}

function sessionClaims(object: Claims): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(object)) {
    const lowerName = name.toLowerCase();
    if (lowerName.startsWith('x-hasura-')) found.set(lowerName, value);
  }
  return found;
}

/** What is wrong with the roles is told before what is wrong with the other claims. */
function mappedClaims(claims: Claims, map: ReadonlyMap<string, MappedClaim>): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, mapped] of map) found.set(name, mappedValue(claims, mapped));
  readAllowedRoles(found.get(allowedRolesName));
  readDefaultRole(found.get(defaultRoleName), 'should be a role');
  for (const [name, value] of found) {
    if (value === undefined) {
      throw invalidClaims(`JWT claim from claims_map, ${printVariable(name)} not found`);
    }
  }
  return found;
}

function mappedValue(claims: Claims, mapped: MappedClaim): unknown {
  if (mapped.kind === 'literal') return mapped.value;
  const value = followJsonPath(claims, mapped.path);
  return value === undefined ? mapped.default : value;
}

function readAllowedRoles(value: unknown): readonly string[] {
  const name = printVariable(allowedRolesName);
  if (value === undefined) throw missingRoleClaim(name);
  const invalid = (detail: string) => invalidClaims(`invalid ${name}; should be a list of roles: ${detail}`);
  if (!Array.isArray(value)) {
    throw invalid(wrongType('[]', 'Array', value));
  }
  return value.map((role) => readRole(role, invalid));
}

function readDefaultRole(value: unknown, hint = 'should be a single role name'): string {
  const name = printVariable(defaultRoleName);
  if (value === undefined) throw missingRoleClaim(name);
  return readRole(value, (detail) => invalidClaims(`invalid ${name}; ${hint}: ${detail}`));
}

function readRole(value: unknown, invalid: (detail: string) => RequestError): string {
  if (typeof value !== 'string') {
    throw invalid(wrongType('String', 'String', value));
  }
  if (value === '') throw invalid('empty string not allowed');
  return value;
}

function missingRoleClaim(name: string): RequestError {
  return new RequestError('jwt-missing-role-claims', Path.root, `JWT claim does not contain ${name}`);
}

function invalidClaims(message: string): RequestError {
  return new RequestError('jwt-invalid-claims', Path.root, message);
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
