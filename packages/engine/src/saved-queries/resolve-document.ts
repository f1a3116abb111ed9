import {
  type ArgumentNode,
  type FieldNode,
  Kind,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from 'graphql';
import { type Operation, parseDocument } from '../graphql/index.ts';
import type {
  AbstractType,
  Field,
  InputValue,
  NamedType,
  ObjectType,
  RoleSchema,
  TypeReference,
} from '../schema/index.ts';
import { Path, RequestError } from '../support/index.ts';

/** What a stored query means in a schema. Where `problems` is not empty, the rest is what could be found out all the same. */
export interface ResolvedDocument {
  /** `$.author.name: field 'name' not found in object 'author'`. Every fault, not only the first. */
  readonly problems: readonly string[];
  /** Those that can be read. */
  readonly operations: readonly ResolvedOperation[];
}

export interface ResolvedOperation {
  readonly kind: Operation['kind'];
  readonly fields: readonly ResolvedField[];
  /** In the order in which they are declared. */
  readonly variables: readonly ResolvedVariable[];
}

export interface ResolvedField {
  readonly responseKey: string;
  /** Null: `__typename`. */
  readonly field: Field | null;
  /** Empty for leaves. */
  readonly selection: readonly ResolvedField[];
}

export interface ResolvedVariable {
  readonly name: string;
  /** As it is declared. */
  readonly type: TypeNode;
  readonly defaultValue: ValueNode | null;
  /** The named type inside `type`, found where the variable is used; null when it is used nowhere that the schema knows. */
  readonly namedType: NamedType | null;
}

/** A stored document may select this many fields once its fragments are in place; what is beyond is not looked at. */
const maximumFields = 100_000;

/** Resolves the names of a document, going on after each fault. Arguments are not checked. */
export function resolveDocument(text: string, schema: RoleSchema): ResolvedDocument {
  const problems: string[] = [];
  const operations = read(text, problems).map((operation) => resolveOperation(operation, schema, problems));
  return { problems, operations };
}

function read(text: string, problems: string[]): readonly Operation[] {
  const note = (error: unknown): void => {
    if (!(error instanceof RequestError)) throw error;
    problems.push(`${error.path}: ${error.message}`);
  };
  try {
    const { operations } = parseDocument(text);
    if (operations.length === 0) problems.push('$: the document has no operation');
    return operations.flatMap((definition) => {
      try {
        return [definition.prepare()];
      } catch (error) {
        note(error);
        return [];
      }
    });
  } catch (error) {
    note(error);
    return [];
  }
}

function resolveOperation(operation: Operation, schema: RoleSchema, problems: string[]): ResolvedOperation {
  const { kind, selectionSet, fragments, variableDefinitions } = operation;
  const walk: Walk = { problems, effort: maximumFields, variables: new Map(), fragments };
  for (const { name, type } of variableDefinitions.values()) {
    walk.variables.set(name, { typeName: nameOf(type), namedType: null });
  }
  const root = rootOf(kind, schema);
  if (root === null) problems.push(`$: no ${kind}s exist`);
  return {
    kind,
    fields: root === null ? [] : resolveSelection(root, [selectionSet], Path.root, walk),
    variables: [...variableDefinitions.values()].map(({ name, type, defaultValue }) => ({
      name,
      type,
      defaultValue,
      namedType: walk.variables.get(name)?.namedType ?? null,
    })),
  };
}

interface Walk {
  readonly problems: string[];
  effort: number;
  readonly variables: Map<string, { readonly typeName: string; namedType: NamedType | null }>;
  readonly fragments: Operation['fragments'];
}

function rootOf(kind: Operation['kind'], schema: RoleSchema): ObjectType | null {
  if (kind === 'query') return schema.queryRoot;
  return kind === 'mutation' ? schema.mutationRoot : schema.subscriptionRoot;
}

/** Fields of equal response keys are one field, as in GraphQL specification 6.3.2. */
function resolveSelection(
  type: ObjectType,
  selectionSets: readonly SelectionSetNode[],
  path: Path,
  walk: Walk,
  applies: Condition = () => true,
): readonly ResolvedField[] {
  const nodesByKey = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const set of selectionSets) collectNodes(set, nodesByKey, spread, walk.fragments, applies);
  const resolved: ResolvedField[] = [];
  for (const [responseKey, nodes] of nodesByKey) {
    if (walk.effort === 0) break;
    if (--walk.effort === 0) walk.problems.push(`$: the query selects more than ${maximumFields} fields`);
    const [first] = nodes;
    if (first === undefined) continue;
    const name = first.name.value;
    if (name === '__typename') {
      resolved.push({ responseKey, field: null, selection: [] });
      continue;
    }
    const fieldPath = path.child(name);
    const field = type.metaFields?.get(name) ?? type.fields.get(name);
    if (field === undefined) {
      walk.problems.push(`${fieldPath}: field '${name}' not found in object '${type.name}'`);
      continue;
    }
    for (const { arguments: given = [] } of nodes) noteVariables(given, field, walk);
    const selection = resolveBelow(field, nodes, fieldPath, walk);
    if (selection !== null) resolved.push({ responseKey, field, selection });
  }
  return resolved;
}

/** Whether a fragment with this type condition is part of a selection. */
type Condition = (typeName: string) => boolean;

/** For each type that the value may have the fields that are selected then; of equal response keys the first is kept. */
function resolveAbstract(
  abstract: AbstractType,
  selectionSets: readonly SelectionSetNode[],
  path: Path,
  walk: Walk,
): readonly ResolvedField[] {
  const fields = abstract.possibleTypes.flatMap((type) => {
    const names = new Set([abstract.name, type.name, ...type.interfaces.map(({ name }) => name)]);
    return resolveSelection(type, selectionSets, path, walk, (name) => names.has(name));
  });
  const byKey = new Map<string, ResolvedField>();
  for (const field of fields) if (!byKey.has(field.responseKey)) byKey.set(field.responseKey, field);
  return [...byKey.values()];
}

/** Null when the field has the wrong kind of selection. */
function resolveBelow(
  field: Field,
  nodes: readonly FieldNode[],
  path: Path,
  walk: Walk,
): readonly ResolvedField[] | null {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const below = namedTypeOf(field.type);
  if (below.kind === 'object' || below.kind === 'interface' || below.kind === 'union') {
    if (sets.length > 0) {
      return below.kind === 'object'
        ? resolveSelection(below, sets, path, walk)
        : resolveAbstract(below, sets, path, walk);
    }
    walk.problems.push(`${path}: missing selection set for '${below.name}'`);
    return null;
  }
  if (sets.length === 0) return [];
  walk.problems.push(`${path}: unexpected subselection set for non-object field`);
  return null;
}

function collectNodes(
  set: SelectionSetNode,
  nodesByKey: Map<string, FieldNode[]>,
  spread: Set<string>,
  fragments: Operation['fragments'],
  applies: Condition,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const known = nodesByKey.get(key);
      if (known === undefined) nodesByKey.set(key, [selection]);
      else known.push(selection);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition !== undefined && !applies(condition)) continue;
      collectNodes(selection.selectionSet, nodesByKey, spread, fragments, applies);
    } else if (!spread.has(selection.name.value)) {
      spread.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment !== undefined && applies(fragment.typeCondition.name.value)) {
        collectNodes(fragment.selectionSet, nodesByKey, spread, fragments, applies);
      }
    }
  }
}

/** Types of variables are found at their places, so that not all types of the schema must be made to find one by its name. */
function noteVariables(given: readonly ArgumentNode[], field: Field, walk: Walk): void {
  if (walk.variables.size === 0) return;
  for (const { name, value } of given) noteVariable(value, field.arguments.get(name.value), walk);
}

function noteVariable(value: ValueNode, place: InputValue | undefined, walk: Walk): void {
  if (place === undefined) return;
  const type = namedTypeOf(place.type);
  switch (value.kind) {
    case Kind.VARIABLE: {
      const variable = walk.variables.get(value.name.value);
      if (variable?.typeName === type.name) variable.namedType = type;
      break;
    }
    case Kind.LIST:
      for (const item of value.values) noteVariable(item, place, walk);
      break;
    case Kind.OBJECT:
      if (type.kind !== 'input-object') break;
      for (const member of value.fields) noteVariable(member.value, type.fields.get(member.name.value), walk);
      break;
  }
}

export function namedTypeOf(type: TypeReference): NamedType {
  return type.kind === 'named' ? type.type : namedTypeOf(type.of);
}

/** `uuid` of `[uuid!]!`. */
export function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}
