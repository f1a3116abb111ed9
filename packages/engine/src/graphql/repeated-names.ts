import type { DefinitionNode, DirectiveNode, DocumentNode, SelectionNode, ValueNode } from 'graphql';
import { Kind } from 'graphql';

/**
 * Whether an argument or a field of an input object is written twice. The grammar of the original has no such lists, so that a document with
 * one is no query at all. Documents nest at most as deep as `maximumNesting`, hence the recursion.
 */
export function hasRepeatedNames(document: DocumentNode): boolean {
  return document.definitions.some(inDefinition);
}

function inDefinition(definition: DefinitionNode): boolean {
  if (definition.kind === Kind.OPERATION_DEFINITION) {
    const defaults = definition.variableDefinitions?.some(
      ({ defaultValue }) => defaultValue !== undefined && inValue(defaultValue),
    );
    if (defaults) return true;
  } else if (definition.kind !== Kind.FRAGMENT_DEFINITION) {
    return false;
  }
  return inDirectives(definition.directives) || definition.selectionSet.selections.some(inSelection);
}

function inSelection(selection: SelectionNode): boolean {
  if (inDirectives(selection.directives)) return true;
  if (selection.kind === Kind.FRAGMENT_SPREAD) return false;
  if (selection.kind === Kind.FIELD && inEntries(selection.arguments)) return true;
  return selection.selectionSet?.selections.some(inSelection) ?? false;
}

function inDirectives(directives: readonly DirectiveNode[] | undefined): boolean {
  return directives?.some((directive) => inEntries(directive.arguments)) ?? false;
}

function inValue(value: ValueNode): boolean {
  if (value.kind === Kind.OBJECT) return inEntries(value.fields);
  return value.kind === Kind.LIST && value.values.some(inValue);
}

interface Entry {
  readonly name: { readonly value: string };
  readonly value: ValueNode;
}

function inEntries(entries: readonly Entry[] | undefined): boolean {
  if (entries === undefined || entries.length === 0) return false;
  if (entries.length > 1 && new Set(entries.map(({ name }) => name.value)).size < entries.length) return true;
  return entries.some(({ value }) => inValue(value));
}
