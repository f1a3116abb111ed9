import type { DelegatedMember, DelegatedValue } from '../plan/index.ts';
import { InvariantError, type Json, type JsonObject } from '../support/index.ts';

/**
 * The arguments as the handler gets them, under their own names. What was not given is not there.
 * @throws RequestError for a variable's value that does not fit
 */
export function readArguments(members: readonly DelegatedMember[], variables: JsonObject | null): JsonObject {
  const values: Record<string, Json> = Object.create(null);
  for (const { definition, value } of members) values[definition.name] = readValue(value, variables);
  return values;
}

function readValue(value: DelegatedValue, variables: JsonObject | null): Json {
  switch (value.kind) {
    case 'null':
      return null;
    case 'literal':
      return value.value;
    case 'enum':
      return value.name;
    case 'list':
      return value.items.map((item) => readValue(item, variables));
    case 'object':
      return readArguments(value.members, variables);
    case 'variable': {
      const given = variables?.[value.name];
      if (given === undefined) throw new InvariantError(`the plan expects a value of "$${value.name}"`);
      return value.read(given);
    }
  }
}
