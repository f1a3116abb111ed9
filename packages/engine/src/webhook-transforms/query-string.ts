import { escapeUri } from './kriti/index.ts';

/** Null stands for a key without `=`. */
export type QueryPairs = readonly (readonly [key: string, value: string | null])[];

/** The pairs of a query string, with or without `?`. */
export function parseQuery(text: string): QueryPairs {
  const pieces = text.replace(/^\?/, '').split('&');
  return pieces
    .filter((piece) => piece !== '')
    .map((piece) => {
      const at = piece.indexOf('=');
      return at < 0 ? [decode(piece), null] : [decode(piece.slice(0, at)), decode(piece.slice(at + 1))];
    });
}

/** `?a=1&b`, or nothing for no pairs; all but unreserved characters are percent-encoded. */
export function printQuery(pairs: QueryPairs): string {
  const pieces = pairs.map(([key, value]) => escapeUri(key) + (value === null ? '' : `=${escapeUri(value)}`));
  return pieces.length === 0 ? '' : `?${pieces.join('&')}`;
}

/** The query of a URL that may not be written canonically. */
export function queryOf(url: string): QueryPairs {
  const withoutFragment = url.replace(/#.*$/s, '');
  const at = withoutFragment.indexOf('?');
  return at < 0 ? [] : parseQuery(withoutFragment.slice(at));
}

/** The URL as it is written, with another query; a fragment, which is not sent anyway, is dropped. */
export function withQuery(url: string, pairs: QueryPairs): string {
  return url.replace(/[?#].*$/s, '') + printQuery(pairs);
}

/** A sequence that encodes nothing stays as it is. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
