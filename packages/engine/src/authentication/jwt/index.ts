/**
 * Callers with a JSON web token. In: headers. Out: the session that the verified claims give. Promise: nothing of a token is believed before
 * its signature was checked with a key of the right family. Source: spec/authentication.md 9.
 */
export { describeJwt, parseJwtConfiguration, parseJwtConfigurations } from './configuration.ts';
export { jwtMode } from './mode.ts';
