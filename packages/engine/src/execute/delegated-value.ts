import type { DelegatedMember, DelegatedValue } from '../plan/index.ts';
import { InvariantError, type Json, type JsonObject } from '../support/index.ts';

/** What an argument or a member of an input object is called in the result: by the schema, unless the service's name is wanted. */
type NameOf = (member: DelegatedMember) => string;

const schemaName: NameOf = ({ definition }) => definition.name;

/**
 * Arguments of a delegated field, with the variables of one request. What was not given is not there.
 * @throws RequestError for a variable's value that does not fit
 */
export function readDelegatedMembers(
  members: readonly DelegatedMember[],
  variables: JsonObject | null,
  nameOf: NameOf = schemaName,
): JsonObject {
  const values: Record<string, Json> = Object.create(null);
  for (const member of members) {
    values[nameOf(member)] = readDelegatedValue(member.value, variables, nameOf);
  }
  return values;
}

/** One value; throws as for members. */
export function readDelegatedValue(
  value: DelegatedValue,
  variables: JsonObject | null,
  nameOf: NameOf = schemaName,
): Json {
  switch (value.kind) {
    case 'null':
      return null;
    case 'literal':
      return value.value;
    case 'enum':
      return value.name;
    case 'list':
      return value.items.map((item) => readDelegatedValue(item, variables, nameOf));
    case 'object':
      return readDelegatedMembers(value.members, variables, nameOf);
    case 'variable': {
      const given = variables?.[value.name];
      if (given === undefined) throw new InvariantError(`the plan expects a value of "$${value.name}"`);
      return value.read(given);
    }
  }
}
