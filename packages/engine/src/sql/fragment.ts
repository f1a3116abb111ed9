/**
 * SQL text as a value that cannot be made from a string. The only ways in are the `sql` template (whose literal text is ours), `identifier`,
 * `parameter`, `literal`, `typeName`, and `declaredCode` for the code of native queries; `finish` turns a fragment into text.
 */
import { Buffer } from 'node:buffer';
import type { PgType, QualifiedName } from '../catalog/index.ts';
import type { ParameterSource } from '../permissions/index.ts';
import { InvariantError } from '../support/index.ts';

type Part = string | Fragment | ParameterPart;

/** A value that is known when the statement is run; `cast` is the SQL of the type that the placeholder gets. */
interface ParameterPart {
  readonly source: ParameterSource;
  readonly cast: Fragment;
}

/** Only its type leaves this file, and the private field makes that nominal: nothing but what is made here passes for SQL. */
class Fragment {
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  static partsOf(fragment: Fragment): readonly Part[] {
    return fragment.#parts;
  }
}

/** A piece of SQL. */
export type SqlFragment = Fragment;

/** SQL with other fragments in it: ``sql`select ${columns} from ${table}` ``. */
export function sql(text: TemplateStringsArray, ...values: readonly SqlFragment[]): SqlFragment {
  const parts: Part[] = [];
  text.forEach((piece, index) => {
    if (piece !== '') parts.push(piece);
    const value = values[index];
    if (value !== undefined) parts.push(checked(value));
  });
  return new Fragment(parts);
}

/** A cast could smuggle in a string, which would then be SQL. */
function checked(fragment: SqlFragment): SqlFragment {
  if (!(fragment instanceof Fragment)) throw new InvariantError('something else stands in the place of SQL');
  return fragment;
}

/** The fragments with the separator between them. */
export function join(fragments: readonly SqlFragment[], separator: SqlFragment): SqlFragment {
  return new Fragment(
    fragments
      .map(checked)
      .flatMap((fragment, index) => (index === 0 ? [fragment] : [checked(separator), fragment])),
  );
}

/** The longest name in bytes that PostgreSQL keeps whole (`NAMEDATALEN` - 1). */
export const MAXIMUM_NAME_BYTES = 63;

/**
 * A quoted name: the one place where names become SQL.
 * @throws InvariantError for a name that PostgreSQL would cut or refuse, as it would then name something else
 */
export function identifier(name: string): SqlFragment {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > MAXIMUM_NAME_BYTES) {
    throw new InvariantError(`not a PostgreSQL name: ${JSON.stringify(name)}`);
  }
  return new Fragment([`"${name.replaceAll('"', '""')}"`]);
}

/** `"schema"."name"`. */
export function qualifiedName({ schema, name }: QualifiedName): SqlFragment {
  return sql`${identifier(schema)}.${identifier(name)}`;
}

/** A short name of our own for a row source, `_0`, `_1` … */
export function alias(index: number): SqlFragment {
  return new Fragment([`_${naturalNumber(index)}`]);
}

/** A number that we computed or that metadata gives, such as the row limit of a permission. */
export function integer(value: number): SqlFragment {
  return new Fragment([naturalNumber(value)]);
}

function naturalNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new InvariantError(`not a natural number: ${value}`);
  return String(value);
}

/**
 * A constant text of ours, such as a response key. Values of users are parameters, except in the text that explain shows and in settings that have to stand before SQL of the
 * administrator (`transaction-settings.ts`).
 * Right under either setting of `standard_conforming_strings`.
 */
export function literal(text: string): SqlFragment {
  if (text.includes('\0')) throw new InvariantError('a text with a NUL character cannot be written in SQL');
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return new Fragment([text.includes('\\') ? `E${quoted}` : quoted]);
}

/** SQL that the administrator has declared in the metadata; nothing else may get here. */
export function declaredCode(text: string): SqlFragment {
  if (text.includes('\0')) throw new InvariantError('a text with a NUL character cannot be SQL');
  return new Fragment([text]);
}

/** How SQL names a type in a cast. Types outside of `pg_catalog` are qualified, so that the connection's search path does not matter. */
export function typeName(type: PgType): SqlFragment {
  if (type.schema !== 'pg_catalog') return qualifiedName(type);
  if (!/^[a-z0-9_ "]+(\[\])?$/.test(type.sqlName)) {
    throw new InvariantError(`not the name of a built-in type: ${type.sqlName}`);
  }
  return new Fragment([type.sqlName]);
}

/** A bind parameter with its cast: `($1)::integer`. */
export function parameter(source: ParameterSource, cast: SqlFragment): SqlFragment {
  return new Fragment([{ source, cast: checked(cast) }]);
}

/** The text of a finished statement with the sources of `$1`, `$2`, … */
export interface FinishedSql {
  readonly text: string;
  readonly parameters: readonly ParameterSource[];
}

/** Numbers the parameters. Equal sources of equal type share a number. */
export function finish(fragment: SqlFragment): FinishedSql {
  const parameters: ParameterSource[] = [];
  const numbers = new Map<string, number>();
  const encoders = new Map<unknown, number>();
  const text = print(fragment, (source, cast) => {
    const key = `${sourceKey(source, encoders)} ${cast}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = parameters.push(source);
      numbers.set(key, number);
    }
    return `$${number}`;
  });
  return { text, parameters };
}

/** The statement with values in place of parameters, for explain: `('1')::integer`. */
export function finishInline(
  fragment: SqlFragment,
  textOf: (source: ParameterSource) => string | null,
): string {
  return print(fragment, (source) => {
    const value = textOf(source);
    return value === null ? 'NULL' : print(literal(value), noParameters);
  });
}

/** Parts of one statement with an expression of ours in place of each parameter and its cast; equal sources of equal type come with equal keys. */
export function replaceParameters(
  fragments: readonly SqlFragment[],
  expressionOf: (source: ParameterSource, cast: SqlFragment, key: string) => SqlFragment,
): readonly SqlFragment[] {
  const encoders = new Map<unknown, number>();
  const replace = (inner: Fragment): Fragment =>
    new Fragment(
      Fragment.partsOf(inner).map((part) => {
        if (typeof part === 'string') return part;
        if (part instanceof Fragment) return replace(part);
        const key = `${sourceKey(part.source, encoders)} ${print(part.cast, noParameters)}`;
        return expressionOf(part.source, part.cast, key);
      }),
    );
  return fragments.map(replace);
}

function print(
  fragment: SqlFragment,
  placeholder: (source: ParameterSource, cast: string) => string,
): string {
  let text = '';
  const visit = (parts: readonly Part[]): void => {
    for (const part of parts) {
      if (typeof part === 'string') text += part;
      else if (part instanceof Fragment) visit(Fragment.partsOf(part));
      else {
        const cast = print(part.cast, noParameters);
        text += `(${placeholder(part.source, cast)})::${cast}`;
      }
    }
  };
  visit(Fragment.partsOf(fragment));
  return text;
}

function noParameters(): never {
  throw new InvariantError('a constant fragment holds a parameter');
}

function sourceKey(source: ParameterSource, encoders: Map<unknown, number>): string {
  switch (source.kind) {
    case 'literal':
      return source.text === null ? 'null' : `literal ${source.text.length} ${source.text}`;
    case 'session':
      return `session ${source.variable}`;
    case 'session-object':
      return 'session-object';
    case 'rows-to-join':
      return 'rows-to-join';
    case 'stream-cursor':
      // a statement has one stream
      return 'stream-cursor';
    case 'variable': {
      const number = encoders.get(source.encode) ?? encoders.size;
      encoders.set(source.encode, number);
      return `variable ${source.name} ${number}`;
    }
  }
}
