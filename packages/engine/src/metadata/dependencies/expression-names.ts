import type { QualifiedName } from '../../catalog/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../support/index.ts';
import { dictionary, Place } from '../codec/index.ts';
import { qualifiedName } from '../names.ts';
import type { Relationships } from './relationships.ts';

/** Sees every name in a permission's expression and gives the one to write in its place. */
export interface ExpressionNames {
  /** @param isStatic compared with a value that is written in the permission, hence tied to the column's type */
  column(table: QualifiedName, name: string, isStatic: boolean): string;
  relationship(table: QualifiedName, name: string): string;
  computedField(table: QualifiedName, name: string): string;
  /** A table named by `_exists`. */
  table(table: QualifiedName): QualifiedName;
}

/**
 * Rewrites the names in a boolean expression of the permission language; what cannot be followed (an unknown relationship's inside) stays as it
 * is. Operators are not checked. Source: spec/permissions.md 3.
 */
export function rewriteExpression(
  expression: JsonObject,
  table: QualifiedName,
  relationships: Relationships,
  names: ExpressionNames,
): JsonObject {
  return new Rewriter(relationships, names).object(expression, table, table);
}

class Rewriter {
  readonly #relationships: Relationships;
  readonly #names: ExpressionNames;

  constructor(relationships: Relationships, names: ExpressionNames) {
    this.#relationships = relationships;
    this.#names = names;
  }

  object(expression: JsonObject, table: QualifiedName, root: QualifiedName): JsonObject {
    const entries = Object.entries(expression).map(([key, value]) => this.#member(key, value, table, root));
    const isChanged = Object.entries(expression).some(
      ([key, value], index) => entries[index]?.[0] !== key || entries[index]?.[1] !== value,
    );
    // An untouched object keeps its identity, and with it its source text.
    return isChanged ? dictionary(entries) : expression;
  }

  #expression(value: Json, table: QualifiedName | null, root: QualifiedName): Json {
    return isJsonObject(value) && table !== null ? this.object(value, table, root) : value;
  }

  #member(key: string, value: Json, table: QualifiedName, root: QualifiedName): [string, Json] {
    switch (withUnderscore(key)) {
      case '_and':
      case '_or':
        if (!Array.isArray(value)) return [key, this.#expression(value, table, root)];
        return [
          key,
          keepIfSame(
            value,
            value.map((item: Json) => this.#expression(item, table, root)),
          ),
        ];
      case '_not':
        return [key, this.#expression(value, table, root)];
      case '_exists':
        return [key, this.#exists(value, root)];
      default:
        return this.#field(key, value, table, root);
    }
  }

  #exists(value: Json, root: QualifiedName): Json {
    if (!isJsonObject(value)) return value;
    const tableKey = Object.keys(value).find((key) => withUnderscore(key) === '_table');
    const whereKey = Object.keys(value).find((key) => withUnderscore(key) === '_where');
    if (tableKey === undefined) return value;
    let table: QualifiedName;
    try {
      table = qualifiedName.decode(value[tableKey] as Json, new Place());
    } catch {
      return value; // The model reports it.
    }
    const renamed = this.#names.table(table);
    const where = whereKey === undefined ? undefined : this.#expression(value[whereKey] as Json, table, root);
    if (renamed === table && (whereKey === undefined || where === value[whereKey])) return value;
    return dictionary<Json>(
      Object.entries(value).map(([key, member]) => {
        if (key === tableKey && renamed !== table) return [key, qualifiedName.encode(renamed)];
        return [key, key === whereKey ? (where as Json) : member];
      }),
    );
  }

  #field(key: string, value: Json, table: QualifiedName, root: QualifiedName): [string, Json] {
    const relationship = this.#relationships.find(table, key);
    if (relationship !== null) {
      return [this.#names.relationship(table, key), this.#expression(value, relationship.target, root)];
    }
    const aggregated = key.endsWith(aggregateSuffix) ? key.slice(0, -aggregateSuffix.length) : null;
    const over = aggregated === null ? null : this.#relationships.find(table, aggregated);
    if (aggregated !== null && over !== null) {
      const name = this.#names.relationship(table, aggregated);
      return [`${name}${aggregateSuffix}`, this.#aggregate(value, over.target, root)];
    }
    const computed = this.#relationships.findComputedField(table, key);
    if (computed !== null) {
      const name = this.#names.computedField(table, key);
      return [name, computed.target === null ? value : this.#expression(value, computed.target, root)];
    }
    return [this.#names.column(table, key, isStaticComparison(value)), this.#operators(value, table, root)];
  }

  /** `{"count":{"arguments":["id"],"filter":{…},"predicate":{…}}}`. */
  #aggregate(value: Json, target: QualifiedName | null, root: QualifiedName): Json {
    if (!isJsonObject(value) || target === null) return value;
    return mapMembers(value, (_key, call) => {
      if (!isJsonObject(call)) return call;
      return mapMembers(call, (key, member) => {
        if (key === 'filter') return this.#expression(member, target, root);
        if (key !== 'arguments') return member;
        if (typeof member === 'string') return this.#names.column(target, member, false);
        if (!Array.isArray(member)) return member;
        return keepIfSame(
          member,
          member.map((item: Json) =>
            typeof item === 'string' ? this.#names.column(target, item, false) : item,
          ),
        );
      });
    });
  }

  /** Comparisons with other columns name them: `"c"` and `["c"]` of the current table, `["$","c"]` of the root table. */
  #operators(value: Json, table: QualifiedName, root: QualifiedName): Json {
    if (!isJsonObject(value)) return value;
    return mapMembers(value, (operator, operand) => {
      const name = withUnderscore(operator);
      if (name === '_cast' && isJsonObject(operand)) {
        return mapMembers(operand, (_type, inner) => this.#operators(inner, table, root));
      }
      if (!columnOperators.has(name)) return operand;
      if (typeof operand === 'string') return this.#names.column(table, operand, false);
      if (!Array.isArray(operand)) return operand;
      const [first, second] = operand as readonly Json[];
      if (operand.length === 1 && typeof first === 'string') {
        return keepIfSame(operand, [this.#names.column(table, first, false)]);
      }
      if (operand.length === 2 && first === '$' && typeof second === 'string') {
        return keepIfSame(operand, ['$', this.#names.column(root, second, false)]);
      }
      return operand;
    });
  }
}

const aggregateSuffix = '_aggregate';

const columnOperators = new Set(['_ceq', '_cne', '_cneq', '_cgt', '_clt', '_cgte', '_clte']);

/** The older spelling of operators begins with `$`. */
function withUnderscore(key: string): string {
  return key.startsWith('$') ? `_${key.slice(1)}` : key;
}

export function isSessionVariable(value: Json): boolean {
  return typeof value === 'string' && /^x-hasura-/i.test(value);
}

function isStaticComparison(value: Json): boolean {
  if (!isJsonObject(value)) return isStaticValue(value);
  return Object.entries(value).some(([operator, operand]) => {
    const name = withUnderscore(operator);
    if (name === '_is_null' || columnOperators.has(name)) return false;
    if (name === '_cast' && isJsonObject(operand)) return Object.values(operand).some(isStaticComparison);
    return isStaticValue(operand);
  });
}

/** True when some part of the value is written out rather than taken from the session. */
export function isStaticValue(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0 || value.some(isStaticValue);
  return !isSessionVariable(value);
}

function mapMembers(object: JsonObject, map: (key: string, value: Json) => Json): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => [key, map(key, value)] as const);
  return entries.every(([key, value]) => object[key] === value) ? object : dictionary(entries);
}

function keepIfSame(before: readonly Json[], after: readonly Json[]): readonly Json[] {
  return after.every((item, index) => item === before[index]) ? before : after;
}
