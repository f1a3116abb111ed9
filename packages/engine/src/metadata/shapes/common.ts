import {
  type Codec,
  jsonObject,
  list,
  nonEmptyText,
  object,
  optional,
  refine,
  required,
  text,
} from '../codec/index.ts';
import type { ColumnSelection, HeaderConfiguration } from '../types.ts';

/** `"*"` or a list of columns, kept in its order. */
export const columnSelection: Codec<ColumnSelection> = {
  decode(value, place) {
    if (value === '*') return '*';
    if (typeof value === 'string') {
      return place.fail(`unexpected value for columns: expected "*" or a list of columns, got "${value}"`);
    }
    return list(text).decode(value, place);
  },
  encode: (columns) => (columns === '*' ? '*' : [...columns]),
};

const reservedPrefix = 'HASURA_GRAPHQL_';

/** A header of a webhook. Variables of the engine itself may not be sent out. Source: spec/metadata-api.md 2.5. */
export const header: Codec<HeaderConfiguration> = refine(
  object('HeaderConf', {
    name: required(nonEmptyText),
    value: optional(text),
    value_from_env: optional(text),
  }),
  (given, place) => {
    if (given.value === undefined && given.value_from_env === undefined) {
      return place.fail('expecting value or value_from_env keys');
    }
    if (given.value !== undefined && given.value_from_env !== undefined) {
      return place.fail('expecting only one of value or value_from_env keys');
    }
    if (given.value_from_env?.startsWith(reservedPrefix) === true) {
      return place.fail(
        `env variables starting with "${reservedPrefix}" are not allowed in value_from_env: ${given.value_from_env}`,
      );
    }
    return given;
  },
);

export const headers = list(header);

/** Stored as given: the template language reads it where it is used. */
export const requestTransform = jsonObject('RequestTransform');
export const responseTransform = jsonObject('MetadataResponseTransform');
