import type { BooleanExpression, MutationOutput, Operand, OutputItem } from '../../plan/index.ts';
import { unreachable } from '../../support/index.ts';
import { type SqlFragment, sql } from '../fragment.ts';
import { type Member, renderObject } from '../json-object.ts';
import { renderOutput, typeNameValue } from '../output.ts';
import type { Aliases } from '../row.ts';

/** The answer as an expression over the columns of a list of rows. */
export interface Answer {
  readonly expression: SqlFragment;
  /** Columns to be made of each affected row, `… as _3`; empty when only their number matters. */
  readonly columns: readonly SqlFragment[];
}

/**
 * The JSON of an answer. `row` is the alias of an affected row where the columns are made, `rows` of the list of them, `affected` how many there are.
 */
export function renderAnswer(
  output: MutationOutput,
  row: SqlFragment,
  rows: SqlFragment,
  affected: SqlFragment,
  aliases: Aliases,
): Answer {
  const columns: SqlFragment[] = [];
  const objectOf = (items: readonly OutputItem[]): SqlFragment => {
    const column = aliases.next();
    columns.push(sql`${renderObject(renderOutput(items, row, aliases), aliases)} as ${column}`);
    return sql`${rows}.${column}`;
  };
  if (output.kind === 'row') {
    // a table that others inherit from may hold a key twice
    return { expression: sql`(array_agg(${objectOf(output.output)}))[1]`, columns };
  }
  const members = output.items.map((item): Member => {
    switch (item.kind) {
      case 'typename':
        return { key: item.key, value: typeNameValue(item.value) };
      case 'affected-rows':
        return { key: item.key, value: affected };
      case 'returning':
        return { key: item.key, value: sql`coalesce(json_agg(${objectOf(item.output)}), '[]')` };
      default:
        return unreachable(item);
    }
  });
  return { expression: renderObject(members, aliases), columns };
}

/**
 * True when the answer can be made from the written rows alone, by the statement that writes them. What reads other rows would see them as they
 * were before (spec/graphql-api.md 17.4).
 */
export function answersItself(output: MutationOutput): boolean {
  return outputsOf(output).every((item) => {
    switch (item.kind) {
      case 'typename':
        return true;
      case 'value':
        return isOfRow(item.operand);
      case 'node-id':
      case 'join':
        return item.values.every(isOfRow);
      case 'select':
        return false;
      default:
        return unreachable(item);
    }
  });
}

/** True when the answer shows nothing of the rows but their number. */
export function showsNoRow(output: MutationOutput): boolean {
  return output.kind === 'response' && !output.items.some(({ kind }) => kind === 'returning');
}

function outputsOf(output: MutationOutput): readonly OutputItem[] {
  if (output.kind === 'row') return output.output;
  return output.items.flatMap((item) => (item.kind === 'returning' ? item.output : []));
}

/** Functions may read anything. */
function isOfRow(operand: Operand): boolean {
  switch (operand.kind) {
    case 'column':
      return operand.visibleWhen === null || conditionIsOfRow(operand.visibleWhen);
    case 'cast':
      return isOfRow(operand.operand);
    case 'call':
    case 'aggregate-result':
      return false;
    default:
      return unreachable(operand);
  }
}

function conditionIsOfRow(condition: BooleanExpression): boolean {
  switch (condition.kind) {
    case 'constant':
      return true;
    case 'and':
    case 'or':
      return condition.operands.every(conditionIsOfRow);
    case 'not':
      return conditionIsOfRow(condition.operand);
    case 'comparison':
      return isOfRow(condition.left);
    case 'null-test':
      return isOfRow(condition.operand);
    case 'exists':
    case 'aggregate-test':
      return false;
    default:
      return unreachable(condition);
  }
}
