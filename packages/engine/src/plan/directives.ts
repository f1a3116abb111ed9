import type { DirectiveNode, SelectionNode } from 'graphql';
import { Kind } from 'graphql';
import type { Operation } from '../graphql/index.ts';
import { strictScalars } from '../schema/index.ts';
import { Path } from '../support/index.ts';
import { fault, type PlanContext } from './context.ts';
import { type InputLocation, resolveInput } from './input.ts';
import {
  planningBoolean,
  readStrict,
  type StrictScalar,
  strictBoolean,
  strictInt,
} from './strict-scalars.ts';

/**
 * Whether `@skip` and `@include` leave the selection in. Source: spec/graphql-api.md 12.2.
 */
export function isSelected(selection: SelectionNode, path: Path, context: PlanContext): boolean {
  const { directives } = selection;
  if (directives === undefined || directives.length === 0) return true;
  const place = selection.kind === Kind.FIELD ? 'a field' : 'an inline fragment';
  let isIncluded = true;
  for (const directive of directives) {
    checkPlace(directive, place, path);
    const condition = readCondition(directive, path, context);
    if (condition === (directive.name.value === 'skip')) isIncluded = false;
  }
  checkRepetition(directives, path);
  return isIncluded;
}

/** Checks the directives of the operation itself; true when it lifts the rule of one root field. */
export function readOperationDirectives(operation: Operation, context: PlanContext): boolean {
  for (const directive of operation.directives) {
    checkPlace(directive, `a ${operation.kind}`, Path.root);
    if (directive.name.value === 'cached') checkArguments(directive, cachedArguments, Path.root, context);
  }
  checkRepetition(operation.directives, Path.root);
  return operation.directives.some(({ name }) => name.value === '_multiple_top_level_fields');
}

/** As messages name it. Fragments that are spread have become inline fragments when the original looks at them. */
type Place = 'a field' | 'an inline fragment' | 'a query' | 'a mutation' | 'a subscription';

const selectionPlaces: readonly Place[] = ['a field', 'an inline fragment'];

const placesByDirective: ReadonlyMap<string, readonly Place[]> = new Map([
  ['include', selectionPlaces],
  ['skip', selectionPlaces],
  ['cached', ['a query']],
  ['_multiple_top_level_fields', ['a subscription']],
]);

const cachedArguments: ReadonlyMap<string, StrictScalar> = new Map([
  ['ttl', strictInt],
  ['refresh', strictBoolean],
]);

function checkPlace({ name: { value: name } }: DirectiveNode, place: Place, path: Path): void {
  const allowed = placesByDirective.get(name);
  if (allowed === undefined) throw fault(path, `directive '${name}' is not defined in the schema`);
  if (!allowed.includes(place)) throw fault(path, `directive '${name}' is not allowed on ${place}`);
}

function checkRepetition(directives: readonly DirectiveNode[], path: Path): void {
  const repeated = repeatedOf(directives.map(({ name }) => name.value));
  if (repeated.length === 0) return;
  const list = repeated.map((name) => `'${name}'`).join(', ');
  throw fault(path, `the following directives are used more than once: [${list}]`);
}

function repeatedOf(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated];
}

function readCondition(directive: DirectiveNode, parent: Path, context: PlanContext): boolean {
  const given = directive.arguments ?? [];
  const path = parent.child(directive.name.value);
  for (const { name } of given) {
    if (name.value !== 'if') {
      throw fault(path, `'${directive.name.value}' has no argument named '${name.value}'`);
    }
  }
  const [condition] = given;
  const place = path.child('args', 'if');
  if (condition === undefined) throw fault(place, "missing required field 'if'");
  const input = resolveInput({ kind: 'node', node: condition.value }, conditionLocation, place, context);
  return planningBoolean(input, place, context);
}

const conditionLocation: InputLocation = required('Boolean');

/** The values themselves do not matter to the plan; who keeps answers reads them in the document, where they must stand. Source: spec/server.md 7. */
function checkArguments(
  directive: DirectiveNode,
  known: ReadonlyMap<string, StrictScalar>,
  parent: Path,
  context: PlanContext,
): void {
  const path = parent.child(directive.name.value);
  for (const { name, value } of directive.arguments ?? []) {
    const scalar = known.get(name.value);
    if (scalar === undefined) {
      throw fault(path, `'${directive.name.value}' has no argument named '${name.value}'`);
    }
    if (value.kind === Kind.VARIABLE) {
      throw fault(
        path,
        `the argument '${name.value}' of '${directive.name.value}' must be a literal, not a variable`,
      );
    }
    const location = { ...required(scalar === strictInt ? 'Int' : 'Boolean'), defaultValue: 'default' };
    const place = path.child('args', name.value);
    readStrict(resolveInput({ kind: 'node', node: value }, location, place, context), scalar, place);
  }
}

function required(name: 'Int' | 'Boolean'): InputLocation {
  return {
    type: { kind: 'non-null', of: { kind: 'named', type: strictScalars[name] } },
    defaultValue: null,
  };
}
