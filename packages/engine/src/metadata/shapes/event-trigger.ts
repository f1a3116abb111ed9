import {
  boolean,
  type Codec,
  defaulted,
  integer,
  jsonObject,
  nonEmptyText,
  object,
  optional,
  optionalUnless,
  refine,
  required,
  text,
} from '../codec/index.ts';
import type { EventTriggerMetadata } from '../types.ts';
import { columnSelection, headers, requestTransform, responseTransform } from './common.ts';

const maximumNameLength = 42;

/** Source: spec/metadata-api.md 3.10. */
export const eventTriggerName = refine(nonEmptyText, (name, place) => {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) {
    return place.fail('only alphanumeric and underscore and hyphens allowed for name');
  }
  return name.length > maximumNameLength
    ? place.fail('event trigger name can be at most 42 characters')
    : name;
});

export const triggerOperation = object('SubscribeOpSpec', {
  columns: required(columnSelection),
  payload: optional(columnSelection, () => false),
});

export const retryConfiguration = object('RetryConf', {
  interval_sec: required(integer),
  num_retries: required(integer),
  timeout_sec: optional(integer),
});

const definition = object('TriggerOpsDef', {
  delete: optional(triggerOperation),
  enable_manual: defaulted(boolean, false),
  insert: optional(triggerOperation),
  update: optional(triggerOperation),
});

export const eventTrigger: Codec<EventTriggerMetadata> = object('EventTriggerConf', {
  name: required(nonEmptyText),
  definition: required(definition),
  retry_conf: required(retryConfiguration),
  webhook: optional(text),
  webhook_from_env: optional(text),
  headers: optional(headers),
  request_transform: optional(requestTransform),
  response_transform: optional(responseTransform),
  cleanup_config: optional(jsonObject('AutoTriggerLogCleanupConfig')),
  trigger_on_replication: optionalUnless(boolean, false),
});
