import type { JsonObject } from '../../support/index.ts';
import {
  readRequestTransform,
  readResponseTransform,
  TransformError,
  TransformShapeError,
} from '../../webhook-transforms/index.ts';
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

/** Stored as given, once its shape is right; templates that cannot be read fail the commands that set them, and otherwise the calls. */
export const requestTransform = transform('RequestTransform', readRequestTransform);
export const responseTransform = transform('MetadataResponseTransform', readResponseTransform);

function transform(name: string, read: (given: JsonObject) => unknown): Codec<JsonObject> {
  return refine(jsonObject(name), (given, place) => {
    try {
      read(given);
    } catch (error) {
      if (error instanceof TransformShapeError) {
        return error.keys.reduce((at, key) => at.child(key), place).fail(error.message);
      }
      if (!(error instanceof TransformError)) throw error;
    }
    return given;
  });
}
