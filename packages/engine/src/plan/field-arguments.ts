import type { InputMeaning, InputValue } from '../schema/index.ts';
import type { Path } from '../support/index.ts';
import type { DefinedField } from './collect-fields.ts';
import { fault, type PlanContext } from './context.ts';
import { type Input, isRequired, isUnbound, resolveInput } from './input.ts';

/** An argument that was given, its variable looked up. */
export interface GivenArgument {
  readonly definition: InputValue;
  readonly input: Input;
  readonly path: Path;
}

/** The arguments of a field in the written order, all of them known, no required one missing. Source: spec/graphql-api.md 12.5. */
export function readArguments(selected: DefinedField, context: PlanContext): readonly GivenArgument[] {
  const { field, path } = selected;
  for (const { name } of selected.arguments) {
    if (!field.arguments.has(name.value)) {
      throw fault(path, `'${field.name}' has no argument named '${name.value}'`);
    }
  }
  const argumentsPath = path.child('args');
  const given: GivenArgument[] = [];
  for (const { name, value } of selected.arguments) {
    const definition = field.arguments.get(name.value);
    const raw = { kind: 'node', node: value } as const;
    if (definition === undefined || isUnbound(raw, context)) continue;
    const argumentPath = argumentsPath.child(name.value);
    given.push({
      definition,
      input: resolveInput(raw, definition, argumentPath, context),
      path: argumentPath,
    });
  }
  for (const definition of field.arguments.values()) {
    if (isRequired(definition) && !given.some((argument) => argument.definition === definition)) {
      throw fault(argumentsPath.child(definition.name), `missing required field '${definition.name}'`);
    }
  }
  return given;
}

/** The argument with this meaning, unless it is absent or null. */
export function argumentOf<K extends InputMeaning['kind']>(
  given: readonly GivenArgument[],
  kind: K,
): (GivenArgument & { readonly input: Exclude<Input, { kind: 'null' }> }) | null {
  for (const { definition, input, path } of given) {
    if (definition.meaning.kind === kind && input.kind !== 'null') return { definition, input, path };
  }
  return null;
}
