import type { Session } from '../authentication/index.ts';
import type { ParameterSource } from '../permissions/index.ts';
import type { Statement } from '../sql/index.ts';
import { type JsonObject, Path, RequestError } from '../support/index.ts';
import type { Executable } from './executable.ts';

export interface Bindings {
  readonly session: Session;
  readonly variables: JsonObject | null;
  /** JSON text, where rows of another source are joined. */
  readonly rowsToJoin?: string;
  /** Where a stream has come to; without it the stream begins where the request says. */
  readonly streamCursor?: string;
}

/** Before anything is joined. */
export function bindingsOf({
  request,
  session,
}: {
  readonly request: { readonly variables: JsonObject | null };
  readonly session: Session;
}): Bindings {
  return { session, variables: request.variables };
}

/** The texts of a statement's parameters. Throws a RequestError where a variable's value does not fit its use. */
export function bindParameters(statement: Statement, bindings: Bindings): readonly (string | null)[] {
  const { parameters } = statement;
  const texts = new Array<string | null>(parameters.length);
  // a counting loop, as this runs for every request
  for (let index = 0; index < parameters.length; index++) {
    texts[index] = bindParameter(parameters[index] as ParameterSource, bindings);
  }
  return texts;
}

export function bindParameter(source: ParameterSource, bindings: Bindings): string | null {
  const { session, variables, rowsToJoin, streamCursor } = bindings;
  switch (source.kind) {
    case 'literal':
      return source.text;
    case 'session':
      return session.variables.get(source.variable) ?? null;
    case 'session-object':
      return JSON.stringify(Object.fromEntries(session.variables));
    case 'rows-to-join':
      return rowsToJoin ?? '[]';
    case 'stream-cursor':
      return streamCursor ?? bindParameter(source.initial, bindings);
    case 'variable': {
      const value = variables?.[source.name] ?? null;
      return value === null ? null : source.encode(value);
    }
  }
}

/**
 * Every variable that the statements mention must be there, also where the condition would not need it.
 * Source: spec/permissions.md 1.6.
 * @throws RequestError not-found
 */
export function checkSessionVariables(
  { sessionVariables }: Pick<Executable, 'sessionVariables'>,
  { session }: Bindings,
): void {
  for (const name of sessionVariables) {
    if (!session.variables.has(name)) {
      throw new RequestError('not-found', Path.root, `missing session variable: "${name}"`);
    }
  }
}
