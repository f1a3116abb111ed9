/** A segment of an endpoint's URL: `:name` is a variable, anything else a literal. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string };

/** The segments of a URL as it is declared; a slash at the beginning says nothing. Source: spec/metadata-api.md 3.8. */
export function segmentsOf(url: string): readonly Segment[] {
  return url
    .replace(/^\//, '')
    .split('/')
    .map((text) =>
      text.startsWith(':') ? { kind: 'variable', name: text.slice(1) } : { kind: 'literal', text },
    );
}

/** The segments of a request's path below `/api/rest/`, decoded; slashes at the ends say nothing. */
export function requestSegments(path: string): readonly string[] {
  return path
    .replace(/^\/+|\/+$/g, '')
    .split('/')
    .map(decodeSegment);
}

/** What is no valid percent-encoding stands for itself. */
function decodeSegment(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
