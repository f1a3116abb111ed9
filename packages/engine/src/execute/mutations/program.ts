import type { InputValidationCall, MutationOutput, RootPlan } from '../../plan/index.ts';
import { type MutationStatement, renderMutation } from '../../sql/index.ts';
import { InvariantError, RequestError } from '../../support/index.ts';
import type { DelegatedPlan } from '../delegated.ts';
import { MAXIMUM_PARAMETERS } from '../parameter-limit.ts';

export type MutationPlan = Extract<RootPlan, { kind: 'mutation' }>;

/** A field that statements of one source execute, or (then there are none) one that somebody else answers. */
export type FieldProgram =
  | {
      readonly kind: 'statements';
      readonly source: string;
      readonly statements: readonly MutationStatement[];
    }
  | { readonly kind: 'delegated'; readonly plan: DelegatedPlan; readonly statements: readonly never[] };

/** How the root fields of a mutation are executed, in order. */
export interface MutationProgram {
  readonly fields: readonly FieldProgram[];
  readonly validations: readonly InputValidationCall[];
}

/** @throws RequestError for more values than a statement can take */
export function makeProgram(plans: readonly (MutationPlan | DelegatedPlan)[]): MutationProgram {
  // Rows of equal form have the same text, which is kept once.
  const texts = new Map<string, string>();
  const fields = plans.map((plan): FieldProgram => {
    if (plan.kind === 'delegated') return { kind: 'delegated', plan, statements: [] };
    const statements = renderMutation(plan.mutation).map((statement) => {
      if (statement.parameters.length > MAXIMUM_PARAMETERS) {
        throw new RequestError(
          'validation-failed',
          statement.path,
          `the rows have more than ${MAXIMUM_PARAMETERS} values; as a variable they may have any number`,
        );
      }
      const text = texts.get(statement.text) ?? statement.text;
      texts.set(text, text);
      return { ...statement, text };
    });
    return { kind: 'statements', source: plan.source, statements };
  });
  const validations = plans.flatMap((plan) => (plan.kind === 'mutation' ? plan.validations : []));
  return { fields, validations };
}

export function answersOf({ kind, statements }: FieldProgram): number {
  return kind === 'delegated' ? 1 : statements.filter(({ isAnswer }) => isAnswer).length;
}

/** Roughly what the program takes in memory. */
export function programSize({ fields }: MutationProgram): number {
  const texts = new Set<string>();
  let size = 0;
  for (const { text, parameters } of fields.flatMap(({ statements }) => statements)) {
    size += 300 + parameters.length * 250;
    if (!texts.has(text)) size += text.length * 6;
    texts.add(text);
  }
  return size;
}

/** The JSON of an element of `update_many` that changes nothing. */
export function nothingUpdated(output: MutationOutput): string {
  if (output.kind === 'row') throw new InvariantError('update_many answers with responses');
  const members = output.items.map((item) => {
    const value =
      item.kind === 'typename' ? JSON.stringify(item.value) : item.kind === 'affected-rows' ? '0' : '[]';
    return `${JSON.stringify(item.key)}:${value}`;
  });
  return `{${members.join(',')}}`;
}
