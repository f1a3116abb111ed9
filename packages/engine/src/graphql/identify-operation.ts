import { createHash } from 'node:crypto';
import {
  type ArgumentNode,
  type DirectiveNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { parseDocument } from './parse-document.ts';
import { selectOperation } from './select-operation.ts';
import type { Operation } from './types.ts';

/** What an operation is called where operations are counted, traced and logged. One object for all requests with the same text. */
export interface OperationIdentity {
  readonly kind: Operation['kind'];
  readonly name: string | null;
  /** Hexadecimal; equal for operations that differ only in values, names of variables and white space. */
  readonly parameterizedHash: string;
}

/** Names the operation of a request; null for what is no operation. */
export type OperationIdentifier = (query: string, operationName: string | null) => OperationIdentity | null;

/** Texts beyond this are named anew every time: they do not come often. */
const longestKept = 64 * 1024;
/** What is remembered beside each text, and for how many names of operations at most. */
const entryBytes = 1000;
const namesKept = 8;

/** A namer with a memory of recent texts, which takes about `maximumBytes`. */
export function createOperationIdentifier(options: { readonly maximumBytes: number }): OperationIdentifier {
  const known = new LRUCache<string, Map<string | null, OperationIdentity | null>>({
    maxSize: options.maximumBytes,
    sizeCalculation: (_names, query) => query.length * 2 + entryBytes,
  });
  return (query, operationName) => {
    if (query.length > longestKept) return identifyOperation(query, operationName);
    let names = known.get(query);
    if (names === undefined) {
      names = new Map();
      known.set(query, names);
    }
    let identity = names.get(operationName);
    if (identity === undefined) {
      identity = identifyOperation(query, operationName);
      if (names.size < namesKept) names.set(operationName, identity);
    }
    return identity;
  };
}

function identifyOperation(query: string, operationName: string | null): OperationIdentity | null {
  let operation: Operation;
  try {
    operation = selectOperation(parseDocument(query), operationName);
  } catch {
    return null;
  }
  return {
    kind: operation.kind,
    name: operation.name,
    parameterizedHash: createHash('sha1').update(parameterizedText(operation)).digest('hex'),
  };
}

/**
 * The operation as a text without its values: a value, whether written or a variable, is `?`; so is a list of values, however long. Names of
 * operations and fragments do not count, aliases do.
 */
export function parameterizedText({ kind, selectionSet, directives, fragments }: Operation): string {
  // a fragment is written where it is first spread, so that many spreads of one do not multiply
  const numbers = new Map<FragmentDefinitionNode, number>();
  const selections = (set: SelectionSetNode): string => `{${set.selections.map(selectionText).join(' ')}}`;
  const selectionText = (selection: SelectionNode): string => {
    const condition = directivesText(selection.directives);
    if (selection.kind === Kind.FIELD) {
      const alias = selection.alias === undefined ? '' : `${selection.alias.value}:`;
      const below = selection.selectionSet === undefined ? '' : selections(selection.selectionSet);
      return `${alias}${selection.name.value}${argumentsText(selection.arguments)}${condition}${below}`;
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return `...${selection.typeCondition?.name.value ?? ''}${condition}${selections(selection.selectionSet)}`;
    }
    // an operation's fragments are all defined
    const fragment = fragments.get(selection.name.value) as FragmentDefinitionNode;
    const number = numbers.get(fragment);
    if (number !== undefined) return `...#${number}${condition}`;
    numbers.set(fragment, numbers.size);
    const type = fragment.typeCondition.name.value;
    return `...${type}${condition}${directivesText(fragment.directives)}${selections(fragment.selectionSet)}`;
  };
  return `${kind}${directivesText(directives)}${selections(selectionSet)}`;
}

function directivesText(directives: readonly DirectiveNode[] | undefined): string {
  return (directives ?? []).map((one) => `@${one.name.value}${argumentsText(one.arguments)}`).join('');
}

function argumentsText(given: readonly ArgumentNode[] | undefined): string {
  if (given === undefined || given.length === 0) return '';
  return `(${given.map(({ name, value }) => `${name.value}:${valueText(value)}`).join(',')})`;
}

function valueText(value: ValueNode): string {
  switch (value.kind) {
    case Kind.OBJECT:
      return `{${value.fields.map((field) => `${field.name.value}:${valueText(field.value)}`).join(',')}}`;
    case Kind.LIST: {
      const forms = new Set(value.values.map(valueText));
      forms.delete('?');
      return forms.size === 0 ? '?' : `[${[...forms].join(',')}]`;
    }
    case Kind.ENUM:
      // `order_by: asc` and the columns of `on_conflict` are part of the question
      return value.value;
    default:
      return '?';
  }
}
