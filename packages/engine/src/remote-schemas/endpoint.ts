import type { RemoteSchemaDefinition } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { type Environment, fillTemplate } from '../webhooks/index.ts';

/** Where a service is, with everything that a call needs to know about it. */
export interface RemoteEndpoint {
  /** The template or the name of the variable, which messages and logs may show. */
  readonly shownUrl: string;
  /** The URL that it stands for, which may hold secrets. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly headers: NonNullable<RemoteSchemaDefinition['headers']>;
  readonly forwardsClientHeaders: boolean;
}

const defaultTimeoutSeconds = 60;

/**
 * Resolves what a definition says about its service.
 * @throws RequestError. Source: spec/remote-schemas.md 2.1
 */
export function resolveEndpoint(
  definition: RemoteSchemaDefinition,
  environment: Environment,
): RemoteEndpoint {
  refuseReservedNames(definition);
  const { url: template, url_from_env: variable } = definition;
  if (template === undefined && variable === undefined) {
    throw invalid("both `url` and `url_from_env` can't be empty");
  }
  if (template !== undefined && variable !== undefined) {
    throw invalid("both `url` and `url_from_env` can't be present");
  }
  const { timeout_seconds: seconds = 0, headers = [] } = definition;
  return {
    shownUrl: template ?? variable ?? '',
    url:
      template === undefined
        ? urlFromVariable(variable ?? '', environment)
        : urlFromTemplate(template, environment),
    // no answer can come in no time
    timeoutMs: (seconds > 0 ? seconds : defaultTimeoutSeconds) * 1000,
    headers,
    forwardsClientHeaders: definition.forward_client_headers ?? false,
  };
}

/** Names of introspection cannot be given to other things. */
function refuseReservedNames({ customization }: RemoteSchemaDefinition): void {
  for (const { mapping = {} } of customization?.field_names ?? []) {
    const reserved = Object.keys(mapping).find((name) => name.startsWith('__'));
    if (reserved !== undefined) throw invalid(`attempt to customize reserved field name "${reserved}"`);
  }
}

function urlFromVariable(name: string, environment: Environment): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) throw invalid(`environment variable '${name}' not set`);
  if (!isCallable(value)) throw invalid(`not a valid URI in environment variable: ${name}`);
  return value;
}

function urlFromTemplate(template: string, environment: Environment): string {
  const { text, missing } = fillTemplate(template, environment);
  if (missing.length > 0) {
    throw new RequestError(
      'unexpected',
      Path.root,
      `Value for environment variables not found: ${missing.join(', ')}`,
    );
  }
  if (!isCallable(text)) throw invalid(`not a valid URI generated from the template: ${template}`);
  return text;
}

function isCallable(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function invalid(message: string): RequestError {
  return new RequestError('invalid-params', Path.root, message);
}
