import { Path, RequestError } from '../support/index.ts';
import type { ComparisonOperator, Value } from './types.ts';

/**
 * A client's value, of which a pattern for LIKE must be complete. One that ends in the middle of an escape is refused by PostgreSQL only when it meets a text that matches up to there, even on a row
 * that the client must not see; so it is refused before there is a row.
 * @throws RequestError with PostgreSQL's message, for a variable when it is encoded
 */
export function completePattern(operator: ComparisonOperator, value: Value): Value {
  if (!likeOperators.has(operator)) return value;
  const { source } = value;
  if (source.kind === 'literal') refuseOpenEscape(source.text);
  if (source.kind !== 'variable') return value;
  const encode: typeof source.encode = (given) => {
    const text = source.encode(given);
    refuseOpenEscape(text);
    return text;
  };
  return { ...value, source: { ...source, encode } };
}

const likeOperators: ReadonlySet<ComparisonOperator> = new Set(['like', 'nlike', 'ilike', 'nilike']);

function refuseOpenEscape(pattern: string | null): void {
  const [escapes = ''] = /\\*$/.exec(pattern ?? '') ?? [];
  if (escapes.length % 2 === 0) return;
  throw new RequestError('bad-request', Path.root, 'LIKE pattern must not end with escape character');
}
