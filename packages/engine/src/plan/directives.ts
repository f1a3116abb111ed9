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
  checkPlaces(directives, places[selection.kind], path);
  let isIncluded = true;
  for (const directive of directives) {
    const condition = readCondition(directive, path, context);
    if (condition === (directive.name.value === 'skip')) isIncluded = false;
  }
  return isIncluded;
}

/** Checks the directives of the operation itself; true when it lifts the rule of one root field. */
export function readOperationDirectives(operation: Operation, context: PlanContext): boolean {
  checkPlaces(operation.directives, operation.kind, Path.root);
  for (const directive of operation.directives) {
    if (directive.name.value === 'cached') checkArguments(directive, cachedArguments, Path.root, context);
  }
  return operation.directives.some(({ name }) => name.value === '_multiple_top_level_fields');
}

type Place = 'field' | 'fragment spread' | 'inline fragment' | 'query' | 'mutation' | 'subscription';

const places: Readonly<Record<SelectionNode['kind'], Place>> = {
  [Kind.FIELD]: 'field',
  [Kind.FRAGMENT_SPREAD]: 'fragment spread',
  [Kind.INLINE_FRAGMENT]: 'inline fragment',
};

const selectionPlaces: readonly Place[] = ['field', 'fragment spread', 'inline fragment'];

const placesByDirective: ReadonlyMap<string, readonly Place[]> = new Map([
  ['include', selectionPlaces],
  ['skip', selectionPlaces],
  ['cached', ['query']],
  ['_multiple_top_level_fields', ['subscription']],
]);

const cachedArguments: ReadonlyMap<string, StrictScalar> = new Map([
  ['ttl', strictInt],
  ['refresh', strictBoolean],
]);

function checkPlaces(directives: readonly DirectiveNode[], place: Place, path: Path): void {
  const names = directives.map(({ name }) => name.value);
  const repeated = repeatedOf(names);
  if (repeated.length > 0) {
    const list = repeated.map((name) => `'${name}'`).join(', ');
    throw fault(path, `the following directives are used more than once: [${list}]`);
  }
  for (const name of names) {
    const allowed = placesByDirective.get(name);
    if (allowed === undefined) throw fault(path, `directive '${name}' is not defined in the schema`);
    if (!allowed.includes(place)) {
      throw fault(
        path,
        `directive '${name}' is not allowed on ${place.startsWith('i') ? 'an' : 'a'} ${place}`,
      );
    }
  }
}

function repeatedOf(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) (seen.has(name) ? repeated : seen).add(name);
  return [...repeated];
}

function readCondition(directive: DirectiveNode, path: Path, context: PlanContext): boolean {
  const given = directive.arguments ?? [];
  for (const { name } of given) {
    if (name.value !== 'if') {
      throw fault(path, `'${directive.name.value}' has no argument named '${name.value}'`);
    }
  }
  const [condition] = given;
  if (condition === undefined) throw fault(path, "missing required field 'if'");
  const input = resolveInput({ kind: 'node', node: condition.value }, conditionLocation, path, context);
  return planningBoolean(input, path, context);
}

const conditionLocation: InputLocation = required('Boolean');

/** The values themselves do not matter to the plan; who keeps answers reads them in the document, where they must stand. Source: spec/server.md 7. */
function checkArguments(
  directive: DirectiveNode,
  known: ReadonlyMap<string, StrictScalar>,
  path: Path,
  context: PlanContext,
): void {
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
    readStrict(resolveInput({ kind: 'node', node: value }, location, path, context), scalar, path);
  }
}

function required(name: 'Int' | 'Boolean'): InputLocation {
  return {
    type: { kind: 'non-null', of: { kind: 'named', type: strictScalars[name] } },
    defaultValue: null,
  };
}
