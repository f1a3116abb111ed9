import { Buffer } from 'node:buffer';
import type { ParameterSource } from '../permissions/index.ts';
import type { Plan, RootPlan } from '../plan/index.ts';
import { isStream, renderSelects, renderStream, type SelectPlan, type Statement } from '../sql/index.ts';
import { unreachable } from '../support/index.ts';
import type { AnsweredPlan, DelegatedPlan } from './delegated.ts';
import { type ExecutableJoins, makeJoins } from './joins/executable-joins.ts';
import { type JoinSite, sitesOfMutation, sitesOfSelect } from './joins/sites.ts';
import {
  answersOf,
  type MutationPlan,
  type MutationProgram,
  makeProgram,
  nothingUpdated,
  programSize,
} from './mutations/program.ts';
import { withinLimit } from './parameter-limit.ts';

/** A plan made ready: statements, and the bytes that stand around their results. */
export interface Executable {
  readonly operation: Plan['operation'];
  readonly plan: Plan;
  /** Of a query or subscription. */
  readonly statements: readonly SourceStatement[];
  /** Fields of a query or subscription that no statement answers; their columns come after those of the statements. */
  readonly delegated: readonly AnsweredPlan[];
  /** Of a mutation; null when nothing is to be written. */
  readonly program: MutationProgram | null;
  /** The response: bytes that are always the same, alternating with the numbers of result columns (counted over all statements). */
  readonly layout: readonly (Uint8Array | number)[];
  /** A stream's statement has one column more, its cursor. */
  readonly isStream: boolean;
  /** Columns in whose values something is to be looked up, and where. */
  readonly sites: ReadonlyMap<number, readonly JoinSite[]>;
  readonly joins: ExecutableJoins;
  /** Whether it runs several things one after another. */
  readonly hasSteps: boolean;
  /** Session variables that some statement needs. */
  readonly sessionVariables: readonly string[];
  /** Roughly what it takes in memory. */
  readonly sizeBytes: number;
}

export interface SourceStatement {
  readonly source: string;
  readonly statement: Statement;
}

/**
 * A select list takes at most 1,664 entries, so an operation with more root fields than this runs as several statements.
 * Source: PostgreSQL manual, appendix K.
 */
const MAXIMUM_FIELDS_PER_STATEMENT = 1000;

/** Renders a plan's statements and lays out its response. */
export function makeExecutable(plan: Plan): Executable {
  if (plan.operation === 'mutation') return makeMutation(plan);
  const fieldsBySource = new Map<string, SelectPlan[]>();
  const delegated: AnsweredPlan[] = [];
  collectFields(plan.fields, fieldsBySource, delegated);
  const statements: SourceStatement[] = [];
  const columns = new Map<RootPlan, number>();
  for (const [source, fields] of fieldsBySource) {
    for (let start = 0; start < fields.length; start += MAXIMUM_FIELDS_PER_STATEMENT) {
      const together = fields.slice(start, start + MAXIMUM_FIELDS_PER_STATEMENT);
      const [only] = together;
      const statement = withinLimit(
        only !== undefined && isStream(only) ? renderStream(only) : renderSelects(together),
      );
      statements.push({ source, statement });
      for (const field of together) columns.set(field, columns.size);
    }
  }
  const sites = new Map<number, readonly JoinSite[]>();
  for (const field of [...fieldsBySource.values()].flat()) {
    const found = sitesOfSelect(field.select);
    if (found.length > 0) sites.set(columns.get(field) ?? 0, found);
  }
  for (const field of delegated) columns.set(field, columns.size);
  const joins = makeJoins(
    [...sites.values()].flat(),
    delegated.map((field) => (field.kind === 'delegated' ? field.field.selection : null)),
  );
  const layout = layOut(plan, columns);
  const joined = [...joins.values()].map(({ statement }) => statement);
  return {
    operation: plan.operation,
    plan,
    statements,
    delegated,
    program: null,
    layout,
    isStream: [...fieldsBySource.values()].flat().some(isStream),
    sites,
    joins,
    hasSteps: joins.size > 0 || delegated.length > 0,
    sessionVariables: sessionVariablesOf(
      [...statements.map(({ statement }) => statement), ...joined].flatMap(({ parameters }) => parameters),
    ),
    sizeBytes: sizeOf([...statements.map(({ statement }) => statement), ...joined], layout),
  };
}

/** Each answer of the program is a column, counted in order. */
function makeMutation(plan: Plan): Executable {
  const fields = collectMutations(plan.fields);
  const program = fields.length === 0 ? null : makeProgram(fields);
  const columns = new Map<RootPlan, number>();
  const sites = new Map<number, readonly JoinSite[]>();
  let next = 0;
  fields.forEach((field, index) => {
    columns.set(field, next);
    const made = program?.fields[index];
    if (made === undefined) return;
    const count = answersOf(made);
    if (field.kind === 'mutation') {
      const found = sitesOfMutation(field.mutation);
      for (let column = next; found.length > 0 && column < next + count; column++) sites.set(column, found);
    }
    next += count;
  });
  const joins = makeJoins(
    [...sites.values()].flat(),
    fields.map((field) => (field.kind === 'delegated' ? field.field.selection : null)),
  );
  const layout = layOut(plan, columns);
  const joined = [...joins.values()].map(({ statement }) => statement);
  return {
    operation: plan.operation,
    plan,
    statements: [],
    delegated: [],
    program,
    layout,
    isStream: false,
    sites,
    joins,
    hasSteps: joins.size > 0 || (program?.fields.length ?? 0) > 1,
    sessionVariables: sessionVariablesOf(
      [...(program?.fields.flatMap(({ statements }) => statements) ?? []), ...joined].flatMap(
        ({ parameters }) => parameters,
      ),
    ),
    sizeBytes: sizeOf(joined, layout) + (program === null ? 0 : programSize(program)),
  };
}

function collectMutations(fields: readonly RootPlan[]): readonly (MutationPlan | DelegatedPlan)[] {
  return fields.flatMap((field) => {
    if (field.kind === 'namespace') return collectMutations(field.fields);
    return field.kind === 'mutation' || field.kind === 'delegated' ? [field] : [];
  });
}

function collectFields(
  fields: readonly RootPlan[],
  bySource: Map<string, SelectPlan[]>,
  delegated: AnsweredPlan[],
): void {
  for (const field of fields) {
    switch (field.kind) {
      case 'constant':
      case 'mutation':
        break;
      case 'namespace':
        collectFields(field.fields, bySource, delegated);
        break;
      case 'select': {
        const known = bySource.get(field.source);
        if (known === undefined) bySource.set(field.source, [field]);
        else known.push(field);
        break;
      }
      case 'delegated':
      case 'introspection':
        delegated.push(field);
        break;
      default:
        unreachable(field);
    }
  }
}

function layOut(plan: Plan, columns: ReadonlyMap<RootPlan, number>): readonly (Uint8Array | number)[] {
  const layout: (Uint8Array | number)[] = [];
  let text = '{"data":';
  const flush = () => {
    layout.push(Buffer.from(text));
    text = '';
  };
  const writeColumn = (column: number) => {
    flush();
    layout.push(column);
  };
  const writeConstant = (json: string | readonly Uint8Array[]) => {
    if (typeof json === 'string') {
      text += json;
      return;
    }
    flush();
    for (const piece of json) layout.push(piece);
  };
  const writeObject = (fields: readonly RootPlan[]): void => {
    text += '{';
    fields.forEach((field, index) => {
      text += `${index === 0 ? '' : ','}${JSON.stringify(field.key)}:`;
      if (field.kind === 'constant') writeConstant(field.json);
      else if (field.kind === 'namespace') writeObject(field.fields);
      else if (field.kind === 'mutation' && field.mutation.kind === 'update-many') {
        let column = columns.get(field) ?? 0;
        text += '[';
        field.mutation.updates.forEach((update, position) => {
          if (position > 0) text += ',';
          if (update.kind === 'nothing') text += nothingUpdated(update.output);
          else writeColumn(column++);
        });
        text += ']';
      } else writeColumn(columns.get(field) ?? 0);
    });
    text += '}';
  };
  writeObject(plan.fields);
  text += '}';
  flush();
  return layout;
}

function sessionVariablesOf(parameters: readonly ParameterSource[]): readonly string[] {
  const names = new Set<string>();
  for (const source of parameters) {
    const used = source.kind === 'stream-cursor' ? source.initial : source;
    if (used.kind === 'session') names.add(used.variable);
  }
  return [...names];
}

function sizeOf(statements: readonly Statement[], layout: readonly (Uint8Array | number)[]): number {
  let size = 1000;
  // text, and the plan it was made of, which is a few times as large
  for (const { text, parameters } of statements) size += text.length * 6 + parameters.length * 200;
  for (const piece of layout) size += typeof piece === 'number' ? 8 : piece.byteLength + 100;
  return size;
}
