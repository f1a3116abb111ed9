import { type FieldNode, Kind, type SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Operation, parseDocument, selectOperation } from '../graphql/index.ts';

/** The size of an operation. Source: spec/permissions.md 10.2. */
export interface OperationSize {
  /** Selection sets of fields inside one another; a root field with scalars has 1. Introspection does not count. */
  readonly depth: number;
  /** Fields that have a selection set; a fragment counts as often as it is spread. */
  readonly nodes: number;
}

/** Remembered operations; each weighs its text. */
const rememberedBytes = 8 * 1024 * 1024;

/** Measures operations, each text once as long as it is remembered. */
export function createMeasure(): (query: string, operationName: string | null) => OperationSize {
  const sizes = new LRUCache<string, OperationSize>({
    maxSize: rememberedBytes,
    maxEntrySize: rememberedBytes / 16,
    sizeCalculation: (_size, key) => key.length + 100,
  });
  return (query, operationName) => {
    const key = `${operationName === null ? '-' : operationName.length}${operationName ?? ''} ${query}`;
    let size = sizes.get(key);
    if (size === undefined) {
      size = measureOperation(selectOperation(parseDocument(query), operationName));
      sizes.set(key, size);
    }
    return size;
  };
}

/** Fragments are measured once, so that the time is linear in the document although the numbers may be exponential. */
export function measureOperation({ selectionSet, fragments }: Operation): OperationSize {
  return measureSelection(selectionSet, { fragments, known: new Map() });
}

interface Walk {
  readonly fragments: Operation['fragments'];
  readonly known: Map<string, OperationSize>;
}

function measureSelection({ selections }: SelectionSetNode, walk: Walk): OperationSize {
  let depth = 0;
  let nodes = 0;
  const add = (size: OperationSize): void => {
    depth = Math.max(depth, size.depth);
    nodes += size.nodes;
  };
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) add(measureField(selection, walk));
    else if (selection.kind === Kind.INLINE_FRAGMENT) add(measureSelection(selection.selectionSet, walk));
    else add(measureFragment(selection.name.value, walk));
  }
  return { depth, nodes };
}

function measureField({ name, selectionSet }: FieldNode, walk: Walk): OperationSize {
  if (selectionSet === undefined) return leaf;
  const { depth, nodes } = measureSelection(selectionSet, walk);
  const isIntrospection = name.value === '__schema' || name.value === '__type';
  return { depth: isIntrospection ? 0 : depth + 1, nodes: nodes + 1 };
}

const leaf: OperationSize = { depth: 0, nodes: 0 };

function measureFragment(name: string, walk: Walk): OperationSize {
  const known = walk.known.get(name);
  if (known !== undefined) return known;
  const fragment = walk.fragments.get(name);
  const size = fragment === undefined ? leaf : measureSelection(fragment.selectionSet, walk);
  walk.known.set(name, size);
  return size;
}
