import type { HeaderConfiguration, OpenTelemetryConfiguration } from '../metadata/index.ts';
import { isJsonObject, type Json, Path, RequestError } from '../support/index.ts';
import { type Environment, resolveHeaders, resolveUrl } from '../webhooks/index.ts';
import type { TracingSettings } from './types.ts';

const defaultBatchSize = 512;
/** Beyond this a batch would hold up the event loop. */
const largestBatchSize = 8192;

/**
 * What the metadata asks for, with the environment's values put in; null when traces are not wanted.
 * @throws RequestError for what cannot be used, e.g. a variable that is not set
 */
export function readTracingSettings(
  configuration: OpenTelemetryConfiguration | undefined,
  environment: Environment,
): TracingSettings | null {
  if (configuration === undefined) return null;
  const { status, data_types: dataTypes = [], exporter_otlp: exporter = {} } = configuration;
  if (!dataTypes.includes('traces') || resolveUrl(status, environment) !== 'enabled') return null;
  const { otlp_traces_endpoint: endpoint } = exporter;
  if (typeof endpoint !== 'string') throw unusable('Traces export is enabled but tracing endpoint missing');
  const url = resolveUrl(endpoint, environment);
  if (!URL.canParse(url) || !/^https?:/i.test(url)) throw unusable('the tracing endpoint is no URL of HTTP');
  const { protocol = 'http/protobuf', traces_propagators: propagators } = exporter;
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    throw unusable('the protocol must be "http/protobuf" or "http/json"');
  }
  return {
    url,
    protocol,
    headers: Object.fromEntries(resolveHeaders(readPairs(exporter['headers']), environment)),
    resource: {
      'service.name': 'hasura',
      ...Object.fromEntries(resolveHeaders(readPairs(exporter['resource_attributes']), environment)),
    },
    batchSize: Math.min(
      configuration.batch_span_processor?.max_export_batch_size ?? defaultBatchSize,
      largestBatchSize,
    ),
    usesTraceContext: Array.isArray(propagators) && propagators.includes('tracecontext'),
  };
}

/** Names with a value, or with the variable that has it; everything else is left out. */
function readPairs(json: Json | undefined): readonly HeaderConfiguration[] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((entry: Json): HeaderConfiguration[] => {
    if (!isJsonObject(entry) || typeof entry['name'] !== 'string') return [];
    const { name, value, value_from_env: variable } = entry;
    if (typeof variable === 'string') {
      if (variable.startsWith('HASURA_GRAPHQL_')) {
        throw unusable(
          `env variables starting with "HASURA_GRAPHQL_" are not allowed in value_from_env: ${variable}`,
        );
      }
      return [{ name, value_from_env: variable }];
    }
    return typeof value === 'string' ? [{ name, value }] : [];
  });
}

function unusable(message: string): RequestError {
  return new RequestError('invalid-configuration', Path.root, message);
}
