/**
 * What the operator can set. In: arguments and environment. Out: `ServeConfiguration`, complete and checked, or a `StartError` to print.
 */
export { type CorsPolicy, isAllowedOrigin } from './cors-setting.ts';
export { completeConfiguration, parseServeConfiguration, type ServeConfiguration } from './parse.ts';
export { type ApiName, type LogType, logTypes, type Setting, type Settings, settings } from './settings.ts';
export { StartError } from './start-error.ts';
