import type { InputValidationCall, MutationOutput, RootPlan } from '../../plan/index.ts';
import { type MutationStatement, renderMutation } from '../../sql/index.ts';
import { InvariantError, RequestError } from '../../support/index.ts';

export type MutationPlan = Extract<RootPlan, { kind: 'mutation' }>;

export interface FieldProgram {
  readonly source: string;
  readonly statements: readonly MutationStatement[];
}

/** How the root fields of a mutation are executed, in order. */
export interface MutationProgram {
  readonly fields: readonly FieldProgram[];
  readonly validations: readonly InputValidationCall[];
}

/** The protocol counts parameters in 16 bits. Source: PostgreSQL manual, "Message Formats", Bind. */
const MAXIMUM_PARAMETERS = 65_535;

/** @throws RequestError for more values than a statement can take */
export function makeProgram(plans: readonly MutationPlan[]): MutationProgram {
  // Rows of equal form have the same text, which is kept once.
  const texts = new Map<string, string>();
  const fields = plans.map(({ source, mutation }): FieldProgram => {
    const statements = renderMutation(mutation).map((statement) => {
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
    return { source, statements };
  });
  return { fields, validations: plans.flatMap(({ validations }) => validations) };
}

export function answersOf({ statements }: FieldProgram): number {
  return statements.filter(({ isAnswer }) => isAnswer).length;
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
