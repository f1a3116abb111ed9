import type {
  ClaimsFormat,
  ClaimsSource,
  JsonPath,
  JwtAlgorithm,
  JwtConfiguration,
  MappedClaim,
  TokenLocation,
} from '../types.ts';
import { readConfiguredKey } from './algorithms.ts';
import { parseJsonPath, printJsonPath } from './json-path.ts';

const defaultNamespace = 'https://hasura.io/jwt/claims';
const algorithms: readonly JwtAlgorithm[] = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
];

type Members = Readonly<Record<string, unknown>>;

/** Reads a `HASURA_GRAPHQL_JWT_SECRET`. Throws an Error whose message is the reason. Source: spec/authentication.md 9.1. */
export function parseJwtConfiguration(text: string): JwtConfiguration {
  return readConfiguration(parse(text), '$');
}

/** Reads a `HASURA_GRAPHQL_JWT_SECRETS`; equal entries count once. */
export function parseJwtConfigurations(text: string): readonly JwtConfiguration[] {
  const list = parse(text);
  if (!Array.isArray(list)) throw new Error('Error in $: expected an array of JWT configurations');
  const distinct = new Map(list.map((item, index) => [JSON.stringify(item), { item, index }]));
  return [...distinct.values()].map(({ item, index }) => readConfiguration(item, `$[${index}]`));
}

/** What everybody may know of a configuration. Source: spec/authentication.md 15. */
export function describeJwt({ claims }: JwtConfiguration): unknown {
  return {
    claims_namespace:
      claims.kind === 'namespace'
        ? claims.name
        : claims.kind === 'path'
          ? printJsonPath(claims.path)
          : defaultNamespace,
    claims_format: claims.kind === 'map' ? 'json' : claims.format,
    claims_map: claims.kind === 'map' ? claims.source : null,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // without the parser's own text, which quotes the value
    throw new Error('Error in $: not a valid JSON value');
  }
}

function readConfiguration(value: unknown, path: string): JwtConfiguration {
  const fail = (message: string): never => {
    throw new Error(`Error in ${path}: ${message}`);
  };
  if (!isObject(value)) return fail('expected an object');
  return {
    keys: readKeys(value, fail),
    claims: readClaims(value, fail),
    audience: readAudience(value['audience'], fail),
    issuer: readOptionalText(value['issuer'], 'issuer', fail),
    allowedSkewSeconds: readSkew(value['allowed_skew'], fail),
    location: readLocation(value['header'], fail),
  };
}

type Fail = (message: string) => never;

function readKeys({ type, key, jwk_url: url }: Members, fail: Fail): JwtConfiguration['keys'] {
  if (key == null && url == null) return fail('key and jwk_url both cannot be empty');
  if (key != null && url != null) return fail('key, jwk_url both cannot be present');
  if (url != null) {
    if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url))
      return fail('jwk_url is not an http or https URL');
    return { kind: 'url', url };
  }
  const algorithm = algorithms.find((candidate) => candidate === type);
  if (algorithm === undefined)
    return fail(
      type == null ? "key 'type' not found" : `Invalid JWK: Key type: ${String(type)} is not supported`,
    );
  if (typeof key !== 'string') return fail('key is not a string');
  try {
    readConfiguredKey(algorithm, key);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  return { kind: 'static', type: algorithm, key };
}

function readClaims(members: Members, fail: Fail): ClaimsSource {
  const { claims_map: map, claims_namespace: namespace, claims_namespace_path: path } = members;
  if (namespace != null && path != null)
    return fail('claims_namespace and claims_namespace_path both cannot be set');
  if (map != null) return readClaimsMap(map, fail);
  const format = readFormat(members['claims_format'], fail);
  if (path != null) return { kind: 'path', path: readPath(path, fail), format };
  return {
    kind: 'namespace',
    name: readOptionalText(namespace, 'claims_namespace', fail) ?? defaultNamespace,
    format,
  };
}

function readFormat(value: unknown, fail: Fail): ClaimsFormat {
  if (value == null || value === 'json') return 'json';
  if (value === 'stringified_json') return value;
  return fail("expected 'claims_format' is 'json' or 'stringified_json'");
}

function readPath(value: unknown, fail: Fail): JsonPath {
  const path = typeof value === 'string' ? parseJsonPath(value) : null;
  return (
    path ??
    fail(
      `invalid JSON path claims_namespace_path error: ${String(value)}. Accept letters, digits, underscore (_) or hyphen (-) only. Use quotes enclosed in bracket (["..."]) if there is any special character`,
    )
  );
}

function readClaimsMap(value: unknown, fail: Fail): ClaimsSource {
  if (!isObject(value)) return fail('claims_map is not an object');
  for (const name of ['x-hasura-allowed-roles', 'x-hasura-default-role']) {
    if (!Object.hasOwn(value, name)) return fail(`${name} is expected but not found`);
  }
  const claims = new Map<string, MappedClaim>();
  for (const [name, mapped] of Object.entries(value)) {
    const lowerName = name.toLowerCase();
    if (lowerName.startsWith('x-hasura-')) claims.set(lowerName, readMappedClaim(lowerName, mapped, fail));
  }
  return { kind: 'map', claims, source: value };
}

function readMappedClaim(name: string, value: unknown, fail: Fail): MappedClaim {
  if (isObject(value)) {
    return {
      kind: 'path',
      path: readPath(value['path'], fail),
      default: checkLiteral(name, value['default'], fail),
    };
  }
  return { kind: 'literal', value: checkLiteral(name, value, fail) };
}

function checkLiteral(name: string, value: unknown, fail: Fail): unknown {
  if (value == null) return undefined;
  const isList = name === 'x-hasura-allowed-roles';
  if (
    isList
      ? Array.isArray(value) && value.every((role) => typeof role === 'string')
      : typeof value === 'string'
  ) {
    return value;
  }
  return fail(`the value of ${name} in claims_map is not ${isList ? 'a list of strings' : 'a string'}`);
}

function readAudience(value: unknown, fail: Fail): readonly string[] | null {
  if (value == null) return null;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) =>
    typeof one === 'string' ? one : fail('audience is not a string or a list of strings'),
  );
}

function readOptionalText(value: unknown, name: string, fail: Fail): string | null {
  if (value == null) return null;
  return typeof value === 'string' ? value : fail(`${name} is not a string`);
}

function readSkew(value: unknown, fail: Fail): number {
  if (value == null) return 0;
  return typeof value === 'number' && value >= 0 ? value : fail('allowed_skew is not a number of seconds');
}

/** An object; the docs call it a stringified one, so that is read, too. */
function readLocation(value: unknown, fail: Fail): TokenLocation {
  if (value == null) return { kind: 'authorization' };
  const object = typeof value === 'string' ? safeParse(value) : value;
  const { type, name } = isObject(object) ? object : {};
  const kind = typeof type === 'string' ? type.toLowerCase() : '';
  if (kind === 'authorization') return { kind: 'authorization' };
  if (kind !== 'cookie' && kind !== 'customheader') {
    return fail("expected 'type' is 'Authorization' or 'Cookie' or 'CustomHeader'");
  }
  if (typeof name !== 'string' || name === '') return fail("key 'name' not found in header");
  return { kind: kind === 'cookie' ? 'cookie' : 'header', name };
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
