import { type DocumentNode, Kind, type NameNode, print, type SelectionNode, visit } from 'graphql';
import { parseText } from './parse-document.ts';

/**
 * A text that two documents share exactly when their trees are equal once every `__typename` is left out: white space, commas, comments,
 * the form of strings and the order of arguments do not count; the order of fields, the order of keys in objects (rows may be sorted by them) and the names
 * of operations, fragments and aliases do.
 * Source: spec/permissions.md 10.1.
 * @throws RequestError as `parseDocument`
 */
export function canonicalText(text: string): string {
  return print(canonical(parseText(text)));
}

function canonical(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave: (set) => ({ ...set, selections: set.selections.filter((selection) => !isTypeName(selection)) }),
    },
    Field: { leave: (field) => ({ ...field, arguments: byName(field.arguments) }) },
    Directive: { leave: (directive) => ({ ...directive, arguments: byName(directive.arguments) }) },
    StringValue: (value) => (value.block === true ? { ...value, block: false } : undefined),
  });
}

function isTypeName(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value === '__typename';
}

function byName<T extends { readonly name: NameNode }>(items: readonly T[] = []): readonly T[] {
  return [...items].sort((first, second) => (first.name.value < second.name.value ? -1 : 1));
}
