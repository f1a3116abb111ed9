import type { HeaderConfiguration } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { encodeHeaderValue, type HeaderList } from './headers.ts';
import { type Environment, fillTemplate } from './url-template.ts';

/**
 * The headers that the metadata configures, with the environment's values put in. Done at every call, so that a variable that is missing fails the
 * call, not the metadata. Source: spec/actions.md 3, 7.2.
 * @throws RequestError `not-found` when a variable is not set
 */
export function resolveHeaders(
  configured: readonly HeaderConfiguration[] | undefined,
  environment: Environment,
): HeaderList {
  return (configured ?? []).map(({ name, value, value_from_env: variable }) => [
    name,
    encodeHeaderValue(
      variable === undefined
        ? resolveValue(value ?? '', environment)
        : environmentValue(variable, environment),
    ),
  ]);
}

/** @throws RequestError `not-found` when the variable is not set */
export function environmentValue(name: string, environment: Environment): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value !== undefined) return value;
  throw new RequestError('not-found', Path.root, `environment variable '${name}' not set`);
}

function resolveValue(template: string, environment: Environment): string {
  const { text, missing } = fillTemplate(template, environment);
  if (missing.length === 0) return text;
  throw new RequestError('not-found', Path.root, `template cannot be resolved: ${missing.join(', ')}`);
}
