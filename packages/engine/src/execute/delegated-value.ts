import type { DelegatedValue } from '../plan/index.ts';
import { InvariantError, type Json, type JsonObject } from '../support/index.ts';

/**
 * The value as JSON, with the variables of one request.
 * @throws RequestError for a variable's value that does not fit
 */
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
    case 'object': {
      const members: Record<string, Json> = Object.create(null);
      for (const { definition, value: member } of value.members) {
        members[definition.name] = readDelegatedValue(member, variables);
      }
      return members;
    }
    case 'variable': {
      const given = variables?.[value.name];
      if (given === undefined) throw new InvariantError(`the plan expects a value of "$${value.name}"`);
      return value.read(given);
    }
  }
}
