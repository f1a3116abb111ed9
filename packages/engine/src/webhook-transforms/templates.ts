import { isJsonObject, stringifyJson } from '../support/index.ts';
import { escapeUri, evaluateTemplate, parseTemplate, type Scope } from './kriti/index.ts';
import { unusableResult } from './transform-error.ts';
import type { BodyTransform, JsonTemplate, TextTemplate, WebhookBody } from './types.ts';

/** @throws TemplateError */
export function readJsonTemplate(text: string): JsonTemplate {
  return { flavour: 'json', expression: parseTemplate(text) };
}

/** @throws TemplateError */
export function readTextTemplate(text: string): TextTemplate {
  return { flavour: 'text', expression: parseTemplate(`"${text}"`) };
}

/** @throws TemplateError, TransformError */
export function fillText({ expression }: TextTemplate, scope: Scope): string {
  const value = evaluateTemplate(expression, scope);
  if (typeof value === 'string') return value;
  if (value === null || Array.isArray(value) || isJsonObject(value)) {
    throw unusableResult('Template must produce a String, Number, or Boolean value', value);
  }
  return stringifyJson(value);
}

/** @throws TemplateError, TransformError */
export function fillBody(body: BodyTransform, scope: Scope): WebhookBody | null {
  switch (body.action) {
    case 'remove':
      return null;
    case 'transform':
      return { kind: 'json', value: evaluateTemplate(body.template.expression, scope) };
    default:
      return { kind: 'text', text: fillForm(body.fields, scope) };
  }
}

/** Pairs whose value is `null` are left out; the others are sorted by name, so that equal requests are equal texts. */
function fillForm(fields: readonly (readonly [string, TextTemplate])[], scope: Scope): string {
  return fields
    .map(([name, template]) => [name, fillText(template, scope)] as const)
    .filter(([, value]) => value !== 'null')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .join('&');
}
