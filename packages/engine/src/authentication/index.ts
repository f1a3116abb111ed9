/**
 * Who is asking. In: the headers of a request or of `connection_init`. Out: a `Session`, or a RequestError.
 * Promise: session variables come from a secret's holder, a verified token or a webhook's answer, and from raw headers only where the
 * contract says so (no secret configured, secret sent, unauthorized role). Nothing else in the engine decides about roles.
 * Source: spec/authentication.md.
 */
export { type Authenticator, createAuthenticator } from './authenticator.ts';
export { checkAuthentication } from './check.ts';
export { encodeHeaderValue, firstHeader } from './headers.ts';
export { describeJwt, parseJwtConfiguration, parseJwtConfigurations } from './jwt/index.ts';
export { makeSession } from './session.ts';
export type {
  Authenticated,
  AuthenticationConfiguration,
  AuthenticationLog,
  AuthenticationRequest,
  HookConfiguration,
  JwtConfiguration,
  RawHeaders,
  Session,
} from './types.ts';
export { urlWithoutPassword } from './url-without-password.ts';
