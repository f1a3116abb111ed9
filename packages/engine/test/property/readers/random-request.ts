/** Random questions from what a schema's introspection offers, of which the order of rows is never left open. */
import {
  type GraphQLField,
  type GraphQLInputType,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import type { JsonLike } from '../../support/project.ts';

export interface RequestText {
  readonly document: string;
  readonly variables: Record<string, JsonLike>;
}

/** A value, written as GraphQL and as JSON. */
interface Given {
  readonly text: string;
  readonly json: JsonLike;
}

/** The same request for the same numbers; `random(n)` gives a number from 0 to below n. */
export function randomRequest(schema: GraphQLSchema, random: (end: number) => number): RequestText {
  const variables: Record<string, JsonLike> = {};
  const declarations: string[] = [];
  let aliases = 0;

  const pick = <T>(items: readonly T[]): T => {
    const item = items[random(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };

  function selection(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (!(named instanceof GraphQLObjectType)) return '';
    const fields = Object.values(named.getFields()).filter(
      (field) => depth > 0 || !(getNamedType(field.type) instanceof GraphQLObjectType),
    );
    if (fields.length === 0) return ' { __typename }';
    const chosen = Array.from({ length: 1 + random(depth + 2) }, () => fieldText(pick(fields), depth));
    return ` { ${chosen.join(' ')} }`;
  }

  function fieldText(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given: string[] = [];
    const named = new Map(field.args.map((argument) => [argument.name, argument]));
    const put = (name: string, value: Given) => {
      const argument = named.get(name);
      if (argument === undefined) return;
      const text = random(4) === 0 ? asVariable(argument.type, value) : value.text;
      given.push(`${name}: ${text}`);
    };
    const order = named.get('order_by');
    let leading: Given[] = [];
    const distinct = named.get('distinct_on');
    if (distinct !== undefined && random(4) === 0) {
      const columns = Array.from({ length: 1 + random(2) }, () => value(distinct.type, 0, true)).map(one);
      put('distinct_on', list(columns));
      leading = [...new Set(columns.map(({ text }) => text))].map((name) => ordered(name));
    }
    if (order !== undefined) {
      const element = elementOf(order.type);
      const others = Array.from({ length: random(3) }, () => value(element, 3, true));
      put('order_by', list([...leading, ...others, ordered('uid')]));
    }
    for (const { name, type } of field.args) {
      if (name === 'order_by' || name === 'distinct_on') continue;
      if (!isNonNullType(type) && random(3) > 0) continue;
      put(name, value(type, 4));
    }
    const parameters = given.length === 0 ? '' : `(${given.join(', ')})`;
    return `f${aliases++}: ${field.name}${parameters}${selection(field.type, depth - 1)}`;
  }

  function ordered(name: string): Given {
    const direction = pick(['asc', 'desc', 'asc_nulls_first', 'desc_nulls_last']);
    return { text: `{${name}: ${direction}}`, json: { [name]: direction } };
  }

  function asVariable(type: GraphQLInputType, { json }: Given): string {
    const name = `v${declarations.length}`;
    declarations.push(`$${name}: ${type}`);
    variables[name] = json;
    return `$${name}`;
  }

  /** `isOne`: objects get one member. */
  function value(type: GraphQLInputType, depth: number, isOne = false): Given {
    if (isNonNullType(type)) return value(type.ofType, depth, isOne);
    if (isListType(type)) {
      return list(Array.from({ length: isOne ? 1 : random(3) }, () => value(type.ofType, depth - 1, isOne)));
    }
    if (isEnumType(type)) {
      const { name } = pick(type.getValues());
      return { text: name, json: name };
    }
    if (isInputObjectType(type)) return object(type, depth, isOne);
    if (isScalarType(type)) return scalar(type.name);
    throw new Error(`no values of ${type}`);
  }

  function object(type: GraphQLInputType, depth: number, isOne: boolean): Given {
    if (!isInputObjectType(type)) throw new Error(`${type} is no object`);
    const fields = Object.values(type.getFields());
    // an aggregate as a condition takes one function, an order one direction
    const takesOne = isOne || type.name.endsWith('_aggregate_bool_exp');
    const isDeep = (field: (typeof fields)[number]) => {
      const named = getNamedType(field.type);
      return isInputObjectType(named) && !named.name.endsWith('_comparison_exp');
    };
    const open = fields.filter((field) => depth > 0 || !isDeep(field));
    const usable = open.length > 0 ? open : fields;
    const chosen = takesOne
      ? [pick(usable)]
      : usable.filter(({ type: inner }) => isNonNullType(inner) || random(usable.length) < 2);
    const members = chosen.map((field): [string, Given] => [field.name, value(field.type, depth - 1, isOne)]);
    return {
      text: `{${members.map(([name, { text }]) => `${name}: ${text}`).join(', ')}}`,
      json: Object.fromEntries(members.map(([name, { json }]) => [name, json])),
    };
  }

  function scalar(name: string): Given {
    switch (name) {
      case 'Int':
      case 'bigint':
        return plain(random(4));
      case 'Float':
      case 'numeric':
      case 'float8':
        return plain(random(4) + 0.5);
      case 'Boolean':
        return plain(random(2) === 0);
      default:
        return plain(pick(['a', 'new', "it's", '%', 'n%', '_', '-2', 'a1']));
    }
  }

  const document = selection(schema.getQueryType() as GraphQLObjectType, 4);
  const head = declarations.length === 0 ? 'query' : `query (${declarations.join(', ')})`;
  return { document: `${head}${document}`, variables };
}

function plain(json: string | number | boolean): Given {
  return { text: JSON.stringify(json), json };
}

function list(items: readonly Given[]): Given {
  return { text: `[${items.map(({ text }) => text).join(', ')}]`, json: items.map(({ json }) => json) };
}

/** The only element of a list. */
function one({ text, json }: Given): Given {
  return { text: text.slice(1, -1), json: (json as readonly JsonLike[])[0] ?? null };
}

function elementOf(type: GraphQLInputType): GraphQLInputType {
  if (isNonNullType(type)) return elementOf(type.ofType);
  return isListType(type) ? type.ofType : type;
}
