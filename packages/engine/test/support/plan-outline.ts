/** Plans as short texts, so that tests can show what they expect. */
import type { BooleanExpression, Operand, RightOperand, Value } from '../../src/permissions/index.ts';
import type {
  AggregateFieldItem,
  AggregateItem,
  ConnectionItem,
  EdgeItem,
  OrderExpression,
  OutputItem,
  Plan,
  RootPlan,
  RowSet,
  Select,
} from '../../src/plan/index.ts';

/** One line per root field. */
export function outlinePlan(plan: Plan): string {
  return plan.fields.map(outlineRoot).join('\n');
}

function outlineRoot(field: RootPlan): string {
  switch (field.kind) {
    case 'constant':
      return `${field.key} = ${field.json}`;
    case 'introspection':
      return `${field.key} = introspection`;
    case 'namespace':
      return `${field.key} = { ${field.fields.map(outlineRoot).join('; ')} }`;
    case 'select':
      return `${field.key} = ${outlineSelect(field.select)}`;
    case 'mutation':
      return `${field.key} = ${field.mutation.kind} on ${field.source}`;
    case 'delegated':
      return `${field.key} = ${field.name} of ${field.target.executor}`;
  }
}

export function outlineSelect(select: Select): string {
  const limit = select.permissionLimit === null ? '' : ` at most ${select.permissionLimit}`;
  if (select.kind === 'aggregate') {
    return `aggregate of ${outlineSet(select.set)}${limit} { ${select.output.map(outlineAggregate).join(', ')} }`;
  }
  if (select.kind === 'connection') {
    const slice =
      select.slice === null ? '' : ` ${outlineValue(select.slice.size)} from ${select.slice.from}`;
    const { cursor } = select;
    const beyond = cursor === null ? '' : ` ${cursor.side} ${outlineValue(cursor.value)}`;
    return `connection of ${outlineSet(select.set)}${limit}${slice}${beyond} { ${select.output.map(outlineConnection).join(', ')} }`;
  }
  const stream =
    select.stream === null
      ? ''
      : ` stream ${select.stream.column}=${outlineOperand(select.stream.operand)} ${select.stream.direction} from ${
          select.stream.initialValue === null ? '?' : outlineValue(select.stream.initialValue)
        } batch ${outlineValue(select.stream.batchSize)}`;
  return `${select.cardinality} of ${outlineSet(select.set)}${limit}${stream} { ${select.output.map(outlineItem).join(', ')} }`;
}

function outlineSet(set: RowSet): string {
  const join = set.join.map(({ from, to }) => `${from.name}=${to.name}`).join(',');
  const parts = [outlineRows(set.rows)];
  if (join !== '') parts.push(`on ${join}`);
  const where = outlineCondition(set.where);
  if (where !== 'true') parts.push(`where ${where}`);
  if (set.distinctOn.length > 0) parts.push(`distinct on ${set.distinctOn.map(outlineOperand).join(',')}`);
  if (set.orderBy.length > 0) {
    const items = set.orderBy.map(
      ({ by, direction, nulls }) => `${outlineOrder(by)} ${direction} nulls ${nulls}`,
    );
    parts.push(`order by ${items.join(', ')}`);
  }
  if (set.limit !== null) parts.push(`limit ${outlineValue(set.limit)}`);
  if (set.offset !== null) parts.push(`offset ${outlineValue(set.offset)}`);
  return parts.join(' ');
}

function outlineRows({ table, source, filter }: RowSet['rows']): string {
  const guard = outlineCondition(filter);
  const base =
    source.kind !== 'function'
      ? table.name
      : `${source.call.function.name}(${source.call.arguments
          .map((argument) => {
            const value = argument.kind === 'row' ? 'row' : outlineValue(argument.value);
            return argument.name === null ? value : `${argument.name} => ${value}`;
          })
          .join(', ')})`;
  return guard === 'true' ? base : `${base}<${guard}>`;
}

function outlineConnection(item: ConnectionItem): string {
  switch (item.kind) {
    case 'typename':
      return `${item.key}: ${item.value}`;
    case 'edges':
      return `${item.key}: edges { ${item.output.map(outlineEdge).join(', ')} }`;
    case 'page-info':
      return `${item.key}: { ${item.output.map(({ key }) => key).join(', ')} }`;
  }
}

function outlineEdge(item: EdgeItem): string {
  return item.kind === 'node' ? `${item.key}: { ${item.output.map(outlineItem).join(', ')} }` : item.key;
}

function outlineItem(item: OutputItem): string {
  switch (item.kind) {
    case 'typename':
      return `${item.key}: '${item.value}'`;
    case 'value': {
      const path = item.jsonPath === null ? '' : `#>[${item.jsonPath.join(',')}]`;
      const format = item.format === 'json' ? '' : ` as ${item.format}`;
      return `${item.key}: ${outlineOperand(item.operand)}${path}${format}`;
    }
    case 'node-id':
      return `${item.key}: id of ${item.identity.name} ${item.values.map(outlineOperand).join(',')}`;
    case 'select':
      return `${item.key}: ${outlineSelect(item.select)}`;
    case 'join':
      return `${item.key}: joined by ${item.values.map(outlineOperand).join(', ')} to ${item.join.kind === 'rows' ? outlineSelect(item.join.select) : item.join.access.schema.name}`;
  }
}

function outlineAggregate(item: AggregateItem): string {
  switch (item.kind) {
    case 'typename':
      return `${item.key}: '${item.value}'`;
    case 'aggregate':
      return `${item.key}: { ${item.output.map(outlineAggregateField).join(', ')} }`;
    case 'nodes':
      return `${item.key}: nodes { ${item.output.map(outlineItem).join(', ')} }`;
  }
}

function outlineAggregateField(item: AggregateFieldItem): string {
  switch (item.kind) {
    case 'typename':
      return `${item.key}: '${item.value}'`;
    case 'count':
      return `${item.key}: count(${item.isDistinct ? 'distinct ' : ''}${item.operands.map(outlineOperand).join(',')})`;
    case 'function': {
      const columns = item.output.map((column) =>
        column.kind === 'typename'
          ? `${column.key}: '${column.value}'`
          : `${column.key}: ${outlineOperand(column.operand)}${column.format === 'json' ? '' : ` as ${column.format}`}`,
      );
      return `${item.key}: ${item.function} { ${columns.join(', ')} }`;
    }
  }
}

function outlineOrder(by: OrderExpression): string {
  switch (by.kind) {
    case 'operand':
      return outlineOperand(by.operand);
    case 'related':
      return `${outlineRows(by.rows)}.${outlineOrder(by.by)}`;
    case 'related-aggregate':
      return `${by.function}(${outlineRows(by.rows)}.${by.operand === null ? '*' : outlineOperand(by.operand)})`;
  }
}

export function outlineOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'column':
      return operand.visibleWhen === null
        ? operand.column.name
        : `${operand.column.name}[${outlineCondition(operand.visibleWhen)}]`;
    case 'call':
      return `${operand.call.function.name}()`;
    case 'cast':
      return `${outlineOperand(operand.operand)}::${operand.type.sqlName}`;
    case 'aggregate-result':
      return 'result';
  }
}

export function outlineCondition(condition: BooleanExpression): string {
  switch (condition.kind) {
    case 'constant':
      return String(condition.value);
    case 'and':
      return `(${condition.operands.map(outlineCondition).join(' and ')})`;
    case 'or':
      return `(${condition.operands.map(outlineCondition).join(' or ')})`;
    case 'not':
      return `not ${outlineCondition(condition.operand)}`;
    case 'comparison':
      return `${outlineOperand(condition.left)} ${condition.operator} ${outlineRight(condition.right)}`;
    case 'null-test':
      return `${outlineOperand(condition.operand)} is ${condition.isNull ? '' : 'not '}null`;
    case 'exists':
      return `exists ${outlineRows(condition.rows)} (${outlineCondition(condition.where)})`;
    case 'aggregate-test': {
      const { function: name, operands, isDistinct } = condition.aggregate;
      const call = `${name}(${isDistinct ? 'distinct ' : ''}${operands.map(outlineOperand).join(',')})`;
      return `[${call} of ${outlineRows(condition.rows)} (${outlineCondition(condition.filter)}) as result: ${outlineCondition(condition.predicate)}]`;
    }
  }
}

function outlineRight(right: RightOperand): string {
  switch (right.kind) {
    case 'value':
      return outlineValue(right.value);
    case 'list':
      return `list(${right.elements.map(outlineValue).join(', ')})`;
    case 'column':
      return `${right.of}.${right.column.name}`;
    case 'distance':
      return `within ${outlineValue(right.distance)} of ${outlineValue(right.from)}${
        right.useSpheroid === null ? '' : ` spheroid ${outlineValue(right.useSpheroid)}`
      }`;
    case 'raster-band':
      return `band ${right.band === null ? '-' : outlineValue(right.band)} of ${outlineValue(right.geometry)}`;
  }
}

export function outlineValue({ source, type, isArray, input }: Value): string {
  const form = input === 'text' ? '' : ` from ${input}`;
  const cast = `${type.sqlName}${isArray ? '[]' : ''}${form}`;
  switch (source.kind) {
    case 'literal':
      return source.text === null ? `null::${cast}` : `'${source.text}'::${cast}`;
    case 'session':
      return `${source.variable}::${cast}`;
    case 'session-object':
      return `session::${cast}`;
    case 'rows-to-join':
      return `rows::${cast}`;
    case 'stream-cursor':
      return `stream::${cast}`;
    case 'variable':
      return `$${source.name}::${cast}`;
  }
}
