import {
  type Action,
  baseName,
  type CustomObject,
  type CustomType,
  type DeclaredType,
} from '../model/index.ts';
import { isJsonObject, type Json, JsonNumber } from '../support/index.ts';

/**
 * What is wrong with a handler's answer, or null: it must have the declared type as far as the contract looks. Values of fields are not looked at, and
 * scalars that are not GraphQL's own may be anything. Source: spec/actions.md 8.3.
 */
export function findAnswerFault({ output, types }: Action, answer: Json): string | null {
  const base = types.find(baseName(output));
  const isOpen = base === null || base.kind === 'scalar' || base.kind === 'postgres-scalar';
  if (isOpen && !isList(output)) return null;
  return faultOf(answer, output, isOpen ? null : base);
}

const gotNull = 'got null for the action webhook response';
const noArray = 'expecting array for the action webhook response';

/** @param base null: may be anything */
function faultOf(value: Json, type: DeclaredType, base: CustomType | null): string | null {
  if (type.kind === 'non-null') return value === null ? gotNull : faultOf(value, type.of, base);
  if (value === null) return null;
  if (type.kind === 'named') return base === null ? null : namedFault(value, base);
  if (!Array.isArray(value)) return noArray;
  for (const item of value as readonly Json[]) {
    const fault = faultOf(item, type.of, base);
    if (fault !== null) return fault;
  }
  return null;
}

function namedFault(value: Json, base: CustomType): string | null {
  const { name } = base;
  const got = (what: string) => `got ${what} for the action webhook response, expecting ${name}`;
  if (Array.isArray(value)) return got('array');
  if (isJsonObject(value)) return base.kind === 'object' ? objectFault(value, base) : got('object');
  if (typeof value === 'boolean') return name === 'Boolean' ? null : got('scalar Boolean');
  // a number is called a String, too
  if (typeof value === 'number' || value instanceof JsonNumber) {
    return name === 'Int' || name === 'Float' ? null : got('scalar String');
  }
  return name === 'String' || name === 'ID' ? null : got('scalar String');
}

function objectFault(value: { readonly [key: string]: Json }, { fields }: CustomObject): string | null {
  for (const { name, type } of fields) {
    if (type.kind !== 'non-null') continue;
    const member = value[name];
    if (member === undefined) return `field "${name}" expected in webhook response, but not found`;
    if (member === null) return `expecting not null value for field "${name}"`;
  }
  return null;
}

function isList(type: DeclaredType): boolean {
  return type.kind === 'non-null' ? isList(type.of) : type.kind === 'list';
}
