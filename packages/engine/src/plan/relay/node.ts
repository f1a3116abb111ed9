import { Kind } from 'graphql';
import {
  allOf,
  type BooleanExpression,
  encodeValue,
  inputOf,
  underlyingType,
  type Value,
} from '../../permissions/index.ts';
import type { FieldMeaning, NodeTable } from '../../schema/index.ts';
import {
  InvariantError,
  type Json,
  JsonNumber,
  type Path,
  RequestError,
  stringifyJson,
} from '../../support/index.ts';
import { type DefinedField, withFieldsOf } from '../collect-fields.ts';
import { fault, type PlanContext } from '../context.ts';
import type { GivenArgument } from '../field-arguments.ts';
import { describeInput, type Input, variableSource } from '../input.ts';
import { planRowFields } from '../rows.ts';
import { plainRowSet } from '../table-arguments.ts';
import type { RootPlan } from '../types.ts';
import { keyOperand } from './key-operand.ts';
import { type NodeId, parseNodeId, shapeOfNodeId } from './node-id.ts';

/**
 * The row that a global id names, if the role's rule shows it. Ids of one table share a plan: the values are bound for each request.
 * Source: spec/graphql-api.md 16.
 */
export function planNode(
  selected: DefinedField,
  { tables }: Extract<FieldMeaning, { kind: 'node' }>,
  given: readonly GivenArgument[],
  context: PlanContext,
): Extract<RootPlan, { kind: 'select' }> {
  const argument = given.find(({ definition }) => definition.meaning.kind === 'node-id');
  if (argument === undefined) throw new InvariantError('a node without id was let through');
  const { input, path } = argument;
  const id = parseNodeId(idText(input, path), path);
  const node = tables.find(id.source, id);
  if (node === null) throw fault(path, `invalid node id: no such table found: ${tableText(id)}`);
  checkNumberOfValues(id, node, path);
  if (input.kind === 'variable') {
    const shapeOf = (value: Json) => shapeOfNodeId(value, path);
    context.shapes.set(`node ${input.name}`, { variable: input.name, shapeOf });
  }
  const { access, key, type } = node;
  const where = allOf(
    key.map((column, index): BooleanExpression => {
      const place = { column: column.name, type: underlyingType(column.type), index, path: selected.path };
      return {
        kind: 'comparison',
        operator: 'eq',
        left: keyOperand(access, column),
        right: { kind: 'value', value: valueAt(place, id, argument, context) },
        isNullSafe: false,
      };
    }),
  );
  return {
    kind: 'select',
    key: selected.responseKey,
    name: selected.field.name,
    source: access.table.source,
    select: {
      kind: 'rows',
      set: plainRowSet(access.rule.rows, [], where),
      cardinality: 'one',
      permissionLimit: null,
      output: withFieldsOf(selected, type, context, (fields) => planRowFields(fields, type, access, context)),
      stream: null,
    },
  };
}

/** One of the values in an id. */
interface Place {
  readonly column: string;
  readonly type: Value['type'];
  readonly index: number;
  /** Of the field `node`. */
  readonly path: Path;
}

function valueAt(place: Place, id: NodeId, { input, path }: GivenArgument, context: PlanContext): Value {
  const { type, index } = place;
  const given = id.values[index] ?? null;
  const text = encodePart(place, given);
  const form = given === null ? inputOf(type) : inputOf(type, given);
  if (input.kind !== 'variable' || inputOf(type) !== 'text') {
    if (input.kind === 'variable') context.structuralVariables.add(input.name);
    return { source: { kind: 'literal', text }, type, isArray: false, input: form };
  }
  const encode = (value: Json): string | null => {
    const { values } = parseNodeId(idText({ kind: 'json', value }, path), path);
    return encodePart(place, values[index] ?? null);
  };
  return { source: variableSource(input.name, input.steps, encode), type, isArray: false, input: form };
}

/** Null, as ids have for hidden cells, finds nothing. */
function encodePart({ column, type, path }: Place, value: Json): string | null {
  if (value === null) return null;
  try {
    return encodeValue(value, type, path);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError(error.code, path, `value of column '${column}' in node id: ${error.message}`);
  }
}

function checkNumberOfValues({ values }: NodeId, { key }: NodeTable, path: Path): void {
  if (values.length < key.length) {
    const missing = key.slice(values.length).map(({ name }) => `'${name}'`);
    throw fault(path, `invalid node id: primary key columns [${missing.join(', ')}] are missing`);
  }
  if (values.length > key.length) {
    const unexpected = stringifyJson(values.slice(key.length));
    throw fault(path, `invalid node id: unexpected column values ${unexpected}`);
  }
}

function tableText({ schema, name }: NodeId): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}

/** Strings, and integers as their digits. Source: GraphQL specification 3.5.5. */
function idText(input: Input, path: Path): string {
  if (input.kind === 'literal') {
    const { node } = input;
    if (node.kind === Kind.STRING || node.kind === Kind.INT) return node.value;
  } else if (input.kind !== 'null') {
    const { value } = input;
    if (typeof value === 'string') return value;
    if ((typeof value === 'number' || value instanceof JsonNumber) && /^-?\d+$/.test(String(value))) {
      return String(value);
    }
  }
  throw fault(path, `expected a String or an Int for type 'ID', but found ${describeInput(input)}`);
}
