import type { Row } from '../database/index.ts';
import type { WebhookAddress } from '../events/index.ts';
import { defaultCronRetry, type HeaderConfiguration, type ScheduledRetry } from '../metadata/index.ts';
import { isJsonObject, type Json, JsonNumber, parseJson } from '../support/index.ts';
import type { OneOffEvent } from './types.ts';

/** What a row says beside its times. Rows may come from other engines and from elsewhere: what cannot be read counts as its default. */
export function readOneOffEvent(
  row: Row,
): Pick<OneOffEvent, 'webhook' | 'headers' | 'retry' | 'payload' | 'comment' | 'createdAt'> {
  return {
    webhook: readWebhook(jsonOf(row, 'webhook_conf')),
    headers: readHeaders(jsonOf(row, 'header_conf')),
    retry: readRetry(jsonOf(row, 'retry_conf')),
    payload: jsonOf(row, 'payload'),
    comment: row['comment'] ?? null,
    createdAt: row['created_at'] ?? '',
  };
}

/** A template, or as older engines have written it, an object with the name of a variable. */
function readWebhook(given: Json): WebhookAddress {
  const variable = isJsonObject(given) ? given['from_env'] : undefined;
  if (typeof variable === 'string') return { kind: 'variable', name: variable };
  return { kind: 'template', template: typeof given === 'string' ? given : '' };
}

function readHeaders(given: Json): readonly HeaderConfiguration[] {
  if (!Array.isArray(given)) return [];
  return (given as readonly Json[]).flatMap((header): readonly HeaderConfiguration[] => {
    if (!isJsonObject(header)) return [];
    const { name, value, value_from_env: variable } = header;
    if (typeof name !== 'string') return [];
    if (typeof variable === 'string') return [{ name, value_from_env: variable }];
    return typeof value === 'string' ? [{ name, value }] : [];
  });
}

function readRetry(given: Json): ScheduledRetry {
  const read = (key: keyof ScheduledRetry): number => {
    const value = isJsonObject(given) ? given[key] : undefined;
    const number = value instanceof JsonNumber ? Number(value.text) : value;
    return typeof number === 'number' && number >= 0 ? number : defaultCronRetry[key];
  };
  return {
    num_retries: read('num_retries'),
    retry_interval_seconds: read('retry_interval_seconds'),
    timeout_seconds: read('timeout_seconds'),
    tolerance_seconds: read('tolerance_seconds'),
  };
}

function jsonOf(row: Row, column: string): Json {
  const text = row[column];
  return text == null ? null : parseJson(text);
}
