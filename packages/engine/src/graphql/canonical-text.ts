import { type DocumentNode, Kind, print, type SelectionNode, visit } from 'graphql';
import { parseText } from './parse-document.ts';

/**
 * A text that two documents share exactly when their trees are equal once every `__typename` is left out: white space, commas, comments and
 * the form of strings do not count; the order of fields and the names of operations, fragments and aliases do.
 * Source: spec/permissions.md 10.1.
 * @throws RequestError as `parseDocument`
 */
export function canonicalText(text: string): string {
  return print(withoutTypeNames(parseText(text)));
}

function withoutTypeNames(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave: (set) => ({ ...set, selections: set.selections.filter((selection) => !isTypeName(selection)) }),
    },
    StringValue: (value) => (value.block === true ? { ...value, block: false } : undefined),
  });
}

function isTypeName(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value === '__typename';
}
