import {
  describeKind,
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
  stringifyJson,
} from '../../support/index.ts';
import { type Span, TemplateError } from './error.ts';
import { FunctionError, type TemplateFunction } from './functions.ts';
import type { Expression, Step } from './syntax.ts';
import { compareValues } from './values.ts';

/** What a template can refer to. */
export interface Scope {
  readonly variables: ReadonlyMap<string, Json>;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
}

/** Ranges within ranges multiply; a template that takes more steps than this fails. */
const maximumSteps = 1_000_000;
/** The result's JSON text, and all texts that are put together on the way. A list may hold one large value many times. */
const maximumCharacters = 32 * 1024 * 1024;

/**
 * The value of a template. Source: spec/events.md C2.
 * @throws TemplateError
 */
export function evaluateTemplate(expression: Expression, { variables, functions }: Scope): Json {
  const evaluation = new Evaluation(functions);
  const value = evaluation.value(expression, variables);
  evaluation.spend(value, expression.span);
  return value;
}

type Variables = ReadonlyMap<string, Json>;

class Evaluation {
  readonly #functions: ReadonlyMap<string, TemplateFunction>;
  #steps = 0;
  #charactersLeft = maximumCharacters;

  constructor(functions: ReadonlyMap<string, TemplateFunction>) {
    this.#functions = functions;
  }

  value(expression: Expression, variables: Variables): Json {
    const { span } = expression;
    if (++this.#steps > maximumSteps) {
      throw new TemplateError('Function Error', `The template takes more than ${maximumSteps} steps`, span);
    }
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'string':
        return expression.parts
          .map((part) => (typeof part === 'string' ? part : this.#text(part, variables)))
          .join('');
      case 'array':
        return expression.items.map((item) => this.value(item, variables));
      case 'object':
        return this.#object(expression.members, variables);
      case 'variable':
        return variable(expression.name, variables, span);
      case 'member':
        return this.#member(expression, variables);
      case 'optional':
        return this.#optional(expression, variables);
      case 'call':
        return this.#call(expression, variables);
      case 'binary':
        return this.#binary(expression, variables);
      case 'if':
        return this.#conditional(expression, variables);
      default:
        return this.#range(expression, variables);
    }
  }

  /** Counts what the value's text takes. @throws TemplateError when it is too much */
  spend(value: Json, span: Span): void {
    this.#charactersLeft -= lengthUpTo(value, this.#charactersLeft);
    if (this.#charactersLeft > 0) return;
    throw new TemplateError(
      'Function Error',
      `The template gives more than ${maximumCharacters} characters`,
      span,
    );
  }

  #text(part: Expression, variables: Variables): string {
    const value = this.value(part, variables);
    this.spend(value, part.span);
    return typeof value === 'string' ? value : stringifyJson(value);
  }

  #object(members: readonly (readonly [string, Expression])[], variables: Variables): Json {
    const object: Record<string, Json> = Object.create(null);
    for (const [key, member] of members) {
      const value = this.value(member, variables);
      // of a repeated key the first counts
      if (!(key in object)) object[key] = value;
    }
    return object;
  }

  /** What the value is taken of is at fault when it has no members, or its key is no text; all of it when there is no such member. */
  #member({ of: head, step, span }: Extract<Expression, { kind: 'member' }>, variables: Variables): Json {
    const of = this.value(head, variables);
    if (step.kind === 'index' && Array.isArray(of)) {
      const index = this.#key(step, variables);
      if (!isInteger(index)) throw mismatch('Integer', index, span);
      const item: Json | undefined = of[Number(index)];
      // this text, though there is no range. Source: spec/events.md C4
      if (item === undefined) throw new TemplateError('Index Error', 'Can only range over an array', span);
      return item;
    }
    if (!isJsonObject(of)) throw mismatch('Object', of, head.span);
    const key = this.#key(step, variables);
    if (typeof key !== 'string') throw mismatch('String', key, head.span);
    const member = memberOf(of, key);
    if (member !== undefined) return member;
    throw new TemplateError('Attribute Error', `'Object' has no attribute '${key}'.`, span);
  }

  #key(step: Step, variables: Variables): Json {
    return step.kind === 'key' ? step.key : this.value(step.index, variables);
  }

  #optional({ of, steps }: Extract<Expression, { kind: 'optional' }>, variables: Variables): Json {
    let value: Json;
    try {
      value = this.value(of, variables);
    } catch (error) {
      if (!(error instanceof TemplateError) || this.#steps > maximumSteps) throw error;
      value = null;
    }
    // the steps are looked at even where nothing is left to step into
    const keys = steps.map((step) => this.#key(step, variables));
    if (value === null) return null;
    if (!Array.isArray(value) && !isJsonObject(value)) throw mismatch('Object', value, of.span);
    return keys.reduce(stepInto, value);
  }

  #call({ name, argument, span }: Extract<Expression, { kind: 'call' }>, variables: Variables): Json {
    const value = this.value(argument, variables);
    const called = this.#functions.get(name);
    if (called === undefined) throw outOfScope(name, span);
    try {
      return called(value);
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      throw new TemplateError('Function Error', error.message, argument.span);
    }
  }

  #binary(
    { operator, left, right, span }: Extract<Expression, { kind: 'binary' }>,
    variables: Variables,
  ): Json {
    const a = this.value(left, variables);
    if (operator === '??') return a === null ? this.value(right, variables) : a;
    const b = this.value(right, variables);
    switch (operator) {
      case '==':
        return compareValues(a, b) === 0;
      case '!=':
        return compareValues(a, b) !== 0;
      case '<':
        return compareValues(a, b) < 0;
      case '>':
        return compareValues(a, b) > 0;
      case '<=':
        return compareValues(a, b) <= 0;
      case '>=':
        return compareValues(a, b) >= 0;
      case 'in':
        return isIn(a, b, span);
      default: {
        // of two that are no booleans, the second is named
        if (typeof b !== 'boolean') throw mismatch('Boolean', b, span);
        if (typeof a !== 'boolean') throw mismatch('Boolean', a, span);
        return operator === '&&' ? a && b : a || b;
      }
    }
  }

  #conditional({ branches, otherwise }: Extract<Expression, { kind: 'if' }>, variables: Variables): Json {
    for (const { condition, result, span } of branches) {
      const isChosen = this.value(condition, variables);
      if (typeof isChosen !== 'boolean') throw mismatch('Boolean', isChosen, span);
      if (isChosen) return this.value(result, variables);
    }
    return this.value(otherwise, variables);
  }

  #range(
    { index, item, over, body, span }: Extract<Expression, { kind: 'range' }>,
    variables: Variables,
  ): Json {
    const list = this.value(over, variables);
    if (!Array.isArray(list)) throw mismatch('Array', list, span);
    return list.map((value: Json, position) => {
      const inner = new Map(variables);
      if (index !== null) inner.set(index, position);
      return this.value(body, inner.set(item, value));
    });
  }
}

/** Null where there is nothing. */
function stepInto(value: Json, key: Json): Json {
  if (Array.isArray(value)) return isInteger(key) ? (value[Number(key)] ?? null) : null;
  return isJsonObject(value) && typeof key === 'string' ? (memberOf(value, key) ?? null) : null;
}

/** What JavaScript's objects have of themselves is no member. */
function memberOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isIn(value: Json, container: Json, span: Span): boolean {
  if (Array.isArray(container)) return container.some((item: Json) => compareValues(item, value) === 0);
  if (!isJsonObject(container)) throw mismatch('Array', container, span);
  if (typeof value !== 'string') throw mismatch('String', value, span);
  return Object.hasOwn(container, value);
}

/** Roughly the length of the value's text; more than `most` is not counted. */
function lengthUpTo(value: Json, most: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  if (value instanceof JsonNumber) return value.text.length;
  let length = 2;
  for (const [key, member] of Object.entries(value)) {
    if (length > most) break;
    length += key.length + 4 + lengthUpTo(member, most - length);
  }
  return length;
}

function isInteger(value: Json): boolean {
  return typeof value === 'number'
    ? Number.isInteger(value)
    : value instanceof JsonNumber && Number.isInteger(Number(value));
}

function variable(name: string, variables: Variables, span: Span): Json {
  const value = variables.get(name);
  if (value === undefined) throw outOfScope(name, span);
  return value;
}

function outOfScope(name: string, span: Span): TemplateError {
  return new TemplateError('Name Error', `Variable '${name}' not in scope`, span);
}

function mismatch(expected: string, value: Json, span: Span): TemplateError {
  return new TemplateError(
    'Type Error',
    `Couldn't match expected type '${expected}' with actual type '${describeKind(value)}'`,
    span,
  );
}
