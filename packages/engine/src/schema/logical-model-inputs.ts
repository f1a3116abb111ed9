/** What a query may say about the rows of a logical model: those columns that the role sees. Source: spec/graphql-api.md 10. */
import { comparisonInput } from './comparison-inputs.ts';
import type { SchemaContext } from './context.ts';
import { inputObjectType, inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable } from './type-references.ts';
import { orderByEnum } from './order-by.ts';
import { isEnumValueName, strictScalars } from './scalars.ts';
import type { SelectAccess } from './meanings.ts';
import type { EnumType, InputObjectType, InputValue } from './types.ts';

/** `distinct_on`, `limit`, `offset`, `order_by`, `where`. */
export function modelArguments(context: SchemaContext, access: SelectAccess): readonly InputValue[] {
  return context.once(access.table, 'arguments', () => {
    const naming = context.namingOf(access.table);
    const columns = columnEnum(context, access);
    const int = nullable(strictScalars.Int);
    return [
      ...(columns === null
        ? []
        : [
            inputValue(
              naming.fieldName('distinct_on'),
              'distinct select on columns',
              listOfRequired(columns),
              { kind: 'distinct-on' },
            ),
          ]),
      inputValue('limit', 'limit the number of rows returned', int, { kind: 'limit' }),
      inputValue('offset', 'skip the first n rows. Use only with order_by', int, { kind: 'offset' }),
      inputValue(
        naming.fieldName('order_by'),
        'sort the rows by one or more columns',
        listOfRequired(orderInput(context, access)),
        { kind: 'order-by' },
      ),
      inputValue('where', 'filter the rows returned', nullable(predicateInput(context, access)), {
        kind: 'where',
      }),
    ];
  });
}

function columnEnum(context: SchemaContext, access: SelectAccess): EnumType | null {
  const columns = context.visibleColumns(access).filter(({ name }) => isEnumValueName(name));
  if (columns.length === 0) return null;
  return {
    kind: 'enum',
    name: context.typeName(access.table, 'enum_name'),
    description: null,
    values: byName(
      columns.map(({ name, grant }) => ({
        name,
        description: 'column name',
        meaning: { kind: 'column', grant },
      })),
    ),
  };
}

function orderInput(context: SchemaContext, access: SelectAccess): InputObjectType {
  const direction = nullable(orderByEnum(context, context.namingOf(access.table)));
  const description = `Ordering options when selecting data from "${access.table.name}".`;
  return inputObjectType(context.typeName(access.table, 'order_by'), description, () =>
    context
      .visibleColumns(access)
      .map(({ name, grant }) => inputValue(name, null, direction, { kind: 'column', grant })),
  );
}

function predicateInput(context: SchemaContext, access: SelectAccess): InputObjectType {
  const naming = context.namingOf(access.table);
  // twice, as v2 names it, which documents of clients repeat
  const name = context.typeName(access.table, 'bool_exp', 'bool_exp');
  const description = `Boolean expression to filter rows from the logical model for "${access.table.name}". All fields are combined with a logical 'AND'.`;
  const type: InputObjectType = inputObjectType(name, description, () => [
    inputValue('_and', null, listOfRequired(type), { kind: 'and' }),
    inputValue('_or', null, listOfRequired(type), { kind: 'or' }),
    inputValue('_not', null, nullable(type), { kind: 'not' }),
    ...context
      .visibleColumns(access)
      .map(({ name, grant, value }) =>
        inputValue(name, null, nullable(comparisonInput(context, naming, value)), { kind: 'column', grant }),
      ),
  ]);
  return type;
}
