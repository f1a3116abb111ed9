import type { DelegatedMember, DelegatedValue } from '../plan/index.ts';
import { InvariantError, type Json, type JsonObject } from '../support/index.ts';

/**
 * Arguments of a delegated field under the schema's names, with the variables of one request. What was not given is not there.
 * @throws RequestError for a variable's value that does not fit
 */
export function readDelegatedMembers(
  members: readonly DelegatedMember[],
  variables: JsonObject | null,
): JsonObject {
  const values: Record<string, Json> = Object.create(null);
  for (const { definition, value } of members) {
    values[definition.name] = readDelegatedValue(value, variables);
  }
  return values;
}

/** One value; throws as for members. */
export function readDelegatedValue(value: DelegatedValue, variables: JsonObject | null): Json {
  switch (value.kind) {
    case 'null':
      return null;
    case 'literal':
      return value.value;
    case 'enum':
      return value.name;
    case 'list':
      return value.items.map((item) => readDelegatedValue(item, variables));
    case 'object':
      return readDelegatedMembers(value.members, variables);
    case 'variable': {
      const given = variables?.[value.name];
      if (given === undefined) throw new InvariantError(`the plan expects a value of "$${value.name}"`);
      return value.read(given);
    }
  }
}
