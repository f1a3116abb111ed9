import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { Path, RequestError } from '../support/index.ts';
import { maximumNesting, nestedTooDeeply } from './nesting.ts';
import type { Operation, VariableDefinition } from './types.ts';

/**
 * Checks what can be told without a schema: fragments that are spread exist and form no cycle, variables are declared once and
 * before use. Each fragment is walked once, so that the time is linear in the document. Source: spec/graphql-api.md 12.1, 12.3.
 */
export function prepareOperation(
  definition: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Operation {
  const walk: Walk = { fragments, stack: [], depth: 0, finished: new Set(), usedVariables: new Set() };
  checkDirectives(definition.directives, walk);
  checkSelections(definition.selectionSet, Path.root, walk);
  const variableDefinitions = readVariableDefinitions(definition);
  for (const name of walk.usedVariables) {
    if (!variableDefinitions.has(name)) {
      throw new RequestError('validation-failed', Path.root, `unbound variable "${name}"`);
    }
  }
  return {
    kind: definition.operation,
    name: definition.name?.value ?? null,
    selectionSet: definition.selectionSet,
    directives: definition.directives ?? [],
    fragments,
    variableDefinitions,
    usedVariables: walk.usedVariables,
  };
}

interface Walk {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Fragments around the current place, outermost first. */
  readonly stack: string[];
  /** Selection sets around the current place, through fragments as well. */
  depth: number;
  readonly finished: Set<string>;
  readonly usedVariables: Set<string>;
}

function checkSelections(selectionSet: SelectionSetNode, parent: Path, walk: Walk): void {
  const path = parent.child('selectionSet');
  if (walk.depth >= maximumNesting) throw nestedTooDeeply(path);
  walk.depth++;
  for (const selection of selectionSet.selections) {
    checkDirectives(selection.directives, walk);
    switch (selection.kind) {
      case Kind.FIELD:
        for (const argument of selection.arguments ?? [])
          collectVariables(argument.value, walk.usedVariables);
        if (selection.selectionSet !== undefined) {
          checkSelections(selection.selectionSet, path.child(selection.name.value), walk);
        }
        break;
      case Kind.INLINE_FRAGMENT:
        checkSelections(selection.selectionSet, parent, walk);
        break;
      case Kind.FRAGMENT_SPREAD:
        checkSpread(selection.name.value, path, parent, walk);
        break;
    }
  }
  walk.depth--;
}

function checkSpread(name: string, path: Path, parent: Path, walk: Walk): void {
  if (walk.finished.has(name)) return;
  const outer = walk.stack.indexOf(name);
  if (outer >= 0) {
    const cycle = englishList(walk.stack.slice(outer));
    throw new RequestError('validation-failed', path, `the fragment definition(s) ${cycle} form a cycle`);
  }
  const fragment = walk.fragments.get(name);
  if (fragment === undefined) {
    throw new RequestError('validation-failed', path, `reference to undefined fragment "${name}"`);
  }
  walk.stack.push(name);
  checkDirectives(fragment.directives, walk);
  checkSelections(fragment.selectionSet, parent, walk);
  walk.stack.pop();
  walk.finished.add(name);
}

function checkDirectives(directives: readonly DirectiveNode[] | undefined, walk: Walk): void {
  for (const directive of directives ?? []) {
    for (const argument of directive.arguments ?? []) collectVariables(argument.value, walk.usedVariables);
  }
}

function collectVariables(value: ValueNode, into: Set<string>): void {
  switch (value.kind) {
    case Kind.VARIABLE:
      into.add(value.name.value);
      break;
    case Kind.LIST:
      for (const item of value.values) collectVariables(item, into);
      break;
    case Kind.OBJECT:
      for (const field of value.fields) collectVariables(field.value, into);
      break;
  }
}

function readVariableDefinitions(
  definition: OperationDefinitionNode,
): ReadonlyMap<string, VariableDefinition> {
  const definitions = new Map<string, VariableDefinition>();
  for (const { variable, type, defaultValue } of definition.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (definitions.has(name)) {
      throw new RequestError('parse-failed', Path.root, `multiple definitions for variable "${name}"`);
    }
    definitions.set(name, {
      name,
      type,
      isNullable: type.kind !== Kind.NON_NULL_TYPE,
      defaultValue: defaultValue ?? null,
    });
  }
  return definitions;
}

/** `f`, `f and g`, `f, g, and h`. */
function englishList(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  if (names.length < 2) return last;
  if (names.length === 2) return `${names[0]} and ${last}`;
  return `${names.slice(0, -1).join(', ')}, and ${last}`;
}
