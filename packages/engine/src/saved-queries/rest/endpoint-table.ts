import type { TypeNode } from 'graphql';
import { type Operation, parseDocument, selectOperation } from '../../graphql/index.ts';
import type { Metadata, RestEndpointMetadata } from '../../metadata/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import { queryFault, storedQuery } from './check-endpoints.ts';
import { type Segment, segmentsOf } from './endpoint-path.ts';

type Method = RestEndpointMetadata['methods'][number];

/** As an error lists them. */
const methodOrder: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];

/** An endpoint that can be called. */
export interface RestEndpoint {
  readonly name: string;
  readonly methods: readonly Method[];
  readonly query: string;
  /** Declared types by the variables' names. @throws RequestError when the query cannot be read */
  readonly variableTypes: () => ReadonlyMap<string, TypeNode>;
}

export interface EndpointMatch {
  readonly endpoint: RestEndpoint;
  /** Texts of the path's variables. */
  readonly variables: ReadonlyMap<string, string>;
}

interface Place {
  readonly segments: readonly Segment[];
  readonly endpoint: RestEndpoint;
}

interface Node {
  readonly literals: Map<string, Node>;
  variable: Node | null;
  readonly places: Place[];
}

/** Finds endpoints by method and path. Source: spec/server.md 1.7. */
export class EndpointTable {
  readonly #root = emptyNode();

  constructor(metadata: Metadata) {
    for (const endpoint of metadata.rest_endpoints ?? []) {
      const query = storedQuery(endpoint, metadata);
      // what cannot be called is in the list of inconsistent objects
      if (query !== undefined && queryFault(endpoint, metadata) === null) this.#add(endpoint, query);
    }
  }

  /**
   * A literal segment is preferred to a variable, segment by segment.
   * @throws RequestError 404 when no path matches, 405 when none with the method does, 500 when several do equally well
   */
  find(method: string, path: readonly string[]): EndpointMatch {
    const allowed = new Set<Method>();
    for (const places of matches(this.#root, path, 0)) {
      const fitting = places.filter(({ endpoint }) => endpoint.methods.some((known) => known === method));
      const [place] = fitting;
      if (place === undefined) {
        for (const { endpoint } of places) for (const known of endpoint.methods) allowed.add(known);
        continue;
      }
      if (fitting.length > 1) {
        throw new RequestError('unexpected', Path.root, 'Multiple endpoints match request', { status: 500 });
      }
      return { endpoint: place.endpoint, variables: variablesOf(place.segments, path) };
    }
    if (allowed.size === 0) {
      throw new RequestError('not-found', Path.root, 'Endpoint not found', { status: 404 });
    }
    const names = methodOrder.filter((known) => allowed.has(known)).join(', ');
    throw new RequestError('method-not-allowed', Path.root, `Allowed methods: ${names}`, { status: 405 });
  }

  #add({ name, methods, url }: RestEndpointMetadata, query: string): void {
    const segments = segmentsOf(url);
    let node = this.#root;
    for (const segment of segments) node = childFor(node, segment);
    let operation: Operation | null = null;
    const variableTypes = (): ReadonlyMap<string, TypeNode> => {
      operation ??= selectOperation(parseDocument(query), null);
      return new Map(
        [...operation.variableDefinitions.values()].map((variable) => [variable.name, variable.type]),
      );
    };
    node.places.push({ segments, endpoint: { name, methods, query, variableTypes } });
  }
}

function emptyNode(): Node {
  return { literals: new Map(), variable: null, places: [] };
}

function childFor(node: Node, segment: Segment): Node {
  if (segment.kind === 'variable') {
    node.variable ??= emptyNode();
    return node.variable;
  }
  let child = node.literals.get(segment.text);
  if (child === undefined) {
    child = emptyNode();
    node.literals.set(segment.text, child);
  }
  return child;
}

/** The ends of all ways down that match, those with literals first. */
function* matches(node: Node, path: readonly string[], index: number): Iterable<readonly Place[]> {
  const segment = path[index];
  if (segment === undefined) {
    if (node.places.length > 0) yield node.places;
    return;
  }
  const literal = node.literals.get(segment);
  if (literal !== undefined) yield* matches(literal, path, index + 1);
  if (node.variable !== null && segment !== '') yield* matches(node.variable, path, index + 1);
}

function variablesOf(segments: readonly Segment[], path: readonly string[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  segments.forEach((segment, index) => {
    if (segment.kind === 'variable') variables.set(segment.name, path[index] ?? '');
  });
  return variables;
}
