import { type DefinitionNode, type DocumentNode, type FragmentDefinitionNode, Kind, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { Path, RequestError } from '../support/index.ts';
import { maximumNesting, nestedTooDeeply, nestingOf } from './nesting.ts';
import { prepareOperation } from './prepare-operation.ts';
import { hasRepeatedNames } from './repeated-names.ts';
import type { Document, Operation, OperationDefinition } from './types.ts';

/** More lexical tokens than this are no valid query: 100,000 aliased leaves with an argument each still fit. */
const maximumTokens = 1_000_000;

/** What a parsed document weighs at most for each character of its text: 28 bytes in ordinary queries, 93 where every name has one letter. */
const bytesPerCharacter = 100;

/**
 * Reads the text of a document.
 * @throws RequestError `not a valid graphql query` at `$.query` (spec/graphql-api.md 12.6), or that it nests too deeply
 */
export function parseDocument(text: string): Document {
  const { definitions } = parseText(text);
  const fragments = new Map<string, FragmentDefinitionNode>();
  let repeatedFragment: string | null = null;
  for (const definition of definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    if (fragments.has(definition.name.value)) repeatedFragment ??= definition.name.value;
    fragments.set(definition.name.value, definition);
  }
  const operations = definitions.flatMap((definition) =>
    describeOperation(definition, fragments, repeatedFragment),
  );
  return { operations };
}

/** `parseDocument` with a memory of recent texts, bound to about `maximumBytes`. Faults are not remembered. */
export function createDocumentParser(options: { readonly maximumBytes: number }): (text: string) => Document {
  const cache = new LRUCache<string, Document>({
    maxSize: options.maximumBytes,
    maxEntrySize: Math.ceil(options.maximumBytes / 4),
    sizeCalculation: (_document, text) => text.length * bytesPerCharacter + 1,
  });
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const document = parseDocument(text);
    cache.set(text, document);
    return document;
  };
}

/** The tree of a document: operations and fragments, without locations. @throws RequestError as `parseDocument` */
export function parseText(text: string): DocumentNode {
  if (nestingOf(text, maximumNesting) > maximumNesting) {
    throw nestedTooDeeply(Path.root.child('query'));
  }
  let document: DocumentNode;
  try {
    document = parse(text, { noLocation: true, maxTokens: maximumTokens });
  } catch (error) {
    throw fault('not a valid graphql query', error);
  }
  // The grammar of requests has operations and fragments only; graphql-js reads type definitions as well.
  const isExecutable = document.definitions.every(
    ({ kind }) => kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION,
  );
  if (!isExecutable || hasRepeatedNames(document)) throw fault('not a valid graphql query');
  return document;
}

function describeOperation(
  definition: DefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  repeatedFragment: string | null,
): readonly OperationDefinition[] {
  if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
  let prepared: Operation | null = null;
  return [
    {
      name: definition.name?.value ?? null,
      prepare: () => {
        if (repeatedFragment !== null) {
          throw new RequestError(
            'parse-failed',
            Path.root,
            `multiple definitions for fragment "${repeatedFragment}"`,
          );
        }
        prepared ??= prepareOperation(definition, fragments);
        return prepared;
      },
    },
  ];
}

function fault(message: string, cause?: unknown): RequestError {
  return new RequestError('validation-failed', Path.root.child('query'), message, { cause });
}
