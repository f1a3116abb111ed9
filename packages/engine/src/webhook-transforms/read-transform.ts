import { isJsonObject, type Json, type JsonObject, JsonNumber } from '../support/index.ts';
import { readJsonTemplate, readTextTemplate } from './templates.ts';
import { ErrorBundle } from './transform-error.ts';
import type { BodyTransform, RequestTransform, ResponseTransform, TextTemplate } from './types.ts';

/** A transform that is not of the right shape; what `keys` leads to is at fault. */
export class TransformShapeError extends Error {
  override readonly name = 'TransformShapeError';
  readonly keys: readonly string[];

  constructor(message: string, ...keys: readonly string[]) {
    super(message);
    this.keys = keys;
  }
}

/**
 * Reads a `request_transform` of the metadata, templates included. Source: spec/actions.md 11.1.
 * @throws TransformShapeError, or TransformError with all templates that cannot be read
 */
export function readRequestTransform(given: JsonObject): RequestTransform {
  const version = readVersion(given);
  checkEngine(given);
  const bundle = new ErrorBundle();
  const urlText = optionalText(given, 'url');
  const url = urlText === null ? null : bundle.attempt(() => readTextTemplate(urlText));
  const body = bundle.attempt(() => readBody(given['body'], version));
  const queryParameters = readQueryParameters(given['query_params'], bundle);
  const headers = readHeaders(given['request_headers'], bundle);
  bundle.finish();
  return {
    method: optionalText(given, 'method')?.toUpperCase() ?? null,
    url,
    body,
    queryParameters,
    headers,
  };
}

/**
 * Reads a `response_transform` of the metadata. Source: spec/actions.md 11.5.
 * @throws TransformShapeError, TransformError
 */
export function readResponseTransform(given: JsonObject): ResponseTransform {
  const version = readVersion(given);
  checkEngine(given);
  const bundle = new ErrorBundle();
  const body = bundle.attempt(() => readBody(given['body'], version));
  bundle.finish();
  return { body };
}

function readVersion(given: JsonObject): 1 | 2 {
  const version = given['version'] ?? 1;
  if (version === 1 || version === 2) return version;
  const isNumber = typeof version === 'number' || version instanceof JsonNumber;
  throw new TransformShapeError(
    isNumber ? `expected 1 or 2, encountered ${version}` : 'expected 1 or 2',
    'version',
  );
}

function checkEngine(given: JsonObject): void {
  const engine = given['template_engine'] ?? 'Kriti';
  if (engine !== 'Kriti') throw new TransformShapeError('expected Kriti', 'template_engine');
}

function optionalText(given: JsonObject, key: string): string | null {
  const value = given[key] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw new TransformShapeError('expected String', key);
}

function readBody(given: Json | undefined, version: 1 | 2): BodyTransform | null {
  if (given === undefined || given === null) return null;
  if (version === 1) {
    if (typeof given !== 'string') throw new TransformShapeError('expected String', 'body');
    return { action: 'transform', template: readJsonTemplate(given) };
  }
  if (!isJsonObject(given)) throw new TransformShapeError('expected Object', 'body');
  switch (given['action']) {
    case 'remove':
      return { action: 'remove' };
    case 'transform':
      return { action: 'transform', template: readJsonTemplate(requiredText(given, 'template')) };
    case 'x_www_form_urlencoded':
      return { action: 'x_www_form_urlencoded', fields: readForm(given['form_template']) };
    default:
      throw new TransformShapeError('invalid transform action', 'body', 'action');
  }
}

function requiredText(body: JsonObject, key: string): string {
  const value = body[key];
  if (value === undefined) throw new TransformShapeError(`the key '${key}' was not present`, 'body');
  if (typeof value === 'string') return value;
  throw new TransformShapeError('expected String', 'body', key);
}

function readForm(given: Json | undefined): readonly (readonly [string, TextTemplate])[] {
  if (!isJsonObject(given)) throw new TransformShapeError("the key 'form_template' was not present", 'body');
  const bundle = new ErrorBundle();
  const fields = Object.entries(given).map(([name, text]) => {
    if (typeof text !== 'string')
      throw new TransformShapeError('expected String', 'body', 'form_template', name);
    return [name, bundle.attempt(() => readTextTemplate(text))] as const;
  });
  bundle.finish();
  return present(fields);
}

function readQueryParameters(
  given: Json | undefined,
  bundle: ErrorBundle,
): RequestTransform['queryParameters'] {
  if (given === undefined || given === null) return null;
  if (typeof given === 'string') {
    const template = bundle.attempt(() => readTextTemplate(given));
    return template === null ? null : { kind: 'text', template };
  }
  if (!isJsonObject(given)) throw new TransformShapeError('Invalid query parameter', 'query_params');
  const pairs = Object.entries(given).map(([name, text]) => {
    if (text !== null && typeof text !== 'string') {
      throw new TransformShapeError('Invalid query parameter', 'query_params', name);
    }
    const value = text === null ? null : bundle.attempt(() => readTextTemplate(text));
    return [bundle.attempt(() => readTextTemplate(name)), value] as const;
  });
  // a pair whose name could not be read is in the bundle, which is thrown
  return {
    kind: 'pairs',
    pairs: pairs.flatMap(([name, value]) => (name === null ? [] : [[name, value] as const])),
  };
}

function readHeaders(given: Json | undefined, bundle: ErrorBundle): RequestTransform['headers'] {
  if (given === undefined || given === null) return null;
  if (!isJsonObject(given)) throw new TransformShapeError('expected Object', 'request_headers');
  const added = given['add_headers'] ?? {};
  const removed = given['remove_headers'] ?? [];
  if (!isJsonObject(added))
    throw new TransformShapeError('expected Object', 'request_headers', 'add_headers');
  if (!isTextList(removed))
    throw new TransformShapeError('expected Array', 'request_headers', 'remove_headers');
  const templates = Object.entries(added).map(([name, text]) => {
    if (typeof text !== 'string') {
      throw new TransformShapeError('expected String', 'request_headers', 'add_headers', name);
    }
    return [name, bundle.attempt(() => readTextTemplate(text))] as const;
  });
  // sorted, so that equal transforms send equal requests
  templates.sort(([a], [b]) => (a < b ? -1 : 1));
  return { added: present(templates), removed: new Set(removed.map((name) => name.toLowerCase())) };
}

function isTextList(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Those that could be read; the others' errors are in a bundle, which is thrown. */
function present(
  fields: readonly (readonly [string, TextTemplate | null])[],
): readonly (readonly [string, TextTemplate])[] {
  return fields.flatMap(([name, template]) => (template === null ? [] : [[name, template] as const]));
}
