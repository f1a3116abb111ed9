import { Path, RequestError } from '../support/index.ts';

/** Variables that templates and `value_from_env` refer to. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts variables of the environment in the place of `{{NAME}}`. The name is taken as it stands, spaces included; an unclosed `{{` is ordinary text.
 * `missing` lists the variables that are not set, each once.
 */
export function fillTemplate(
  template: string,
  environment: Environment,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const text = template.replace(/\{\{([\s\S]*?)\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) missing.add(name);
    return value ?? '';
  });
  return { text, missing: [...missing] };
}

/**
 * The URL that a template stands for. Logs and errors show the template, never the result, which may hold secrets.
 * @throws RequestError `not-found` when a variable is not set
 */
export function resolveUrl(template: string, environment: Environment): string {
  const { text, missing } = fillTemplate(template, environment);
  if (missing.length === 0) return text;
  throw new RequestError(
    'not-found',
    Path.root,
    `Value for environment variables not found: ${missing.join(', ')}`,
  );
}
