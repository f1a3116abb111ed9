/** The template language Kriti. In: a template's text, then values for its variables. Out: one JSON value, or a `TemplateError` with its place. */
export { TemplateError } from './error.ts';
export { evaluateTemplate, type Scope } from './evaluate.ts';
export { basicFunctions, escapeUri, sessionFunctions } from './functions.ts';
export { parseTemplate } from './parse.ts';
export type { Expression } from './syntax.ts';
