import { describe, expect, test } from 'vitest';
import type { OpenTelemetryConfiguration } from '../metadata/index.ts';
import { readTracingSettings } from './read-settings.ts';

const exporter = { otlp_traces_endpoint: 'http://collector:4318/v1/traces' };
const enabled: OpenTelemetryConfiguration = {
  status: 'enabled',
  data_types: ['traces'],
  exporter_otlp: exporter,
};

test('what is left out has the defaults of the contract', () => {
  expect(readTracingSettings(enabled, {})).toEqual({
    url: 'http://collector:4318/v1/traces',
    protocol: 'http/protobuf',
    headers: {},
    resource: { 'service.name': 'hasura' },
    batchSize: 512,
    usesTraceContext: false,
  });
});

test('everything that can be said, with the environment put in', () => {
  const settings = readTracingSettings(
    {
      status: '{{STATUS}}',
      data_types: ['metrics', 'traces'],
      exporter_otlp: {
        otlp_traces_endpoint: 'https://{{HOST}}/v1/traces',
        protocol: 'http/json',
        headers: [
          { name: 'x-key', value_from_env: 'KEY' },
          { name: 'x-team', value: 'of {{HOST}}' },
        ],
        resource_attributes: [{ name: 'service.name', value: 'shop' }],
        traces_propagators: ['tracecontext'],
      },
      batch_span_processor: { max_export_batch_size: 1_000_000 },
    },
    { STATUS: 'enabled', HOST: 'c', KEY: 'k' },
  );
  expect(settings).toEqual({
    url: 'https://c/v1/traces',
    protocol: 'http/json',
    headers: { 'x-key': 'k', 'x-team': 'of c' },
    resource: { 'service.name': 'shop' },
    batchSize: 8192,
    usesTraceContext: true,
  });
});

test.each<[string, OpenTelemetryConfiguration | undefined]>([
  ['nothing is configured', undefined],
  ['it is disabled', { ...enabled, status: 'disabled' }],
  ['other data are exported', { ...enabled, data_types: ['metrics', 'logs'] }],
])('no traces where %s', (_what, configuration) => {
  expect(readTracingSettings(configuration, {})).toBeNull();
});

describe('what cannot be used is refused', () => {
  test.each<[string, OpenTelemetryConfiguration]>([
    ['Traces export is enabled but tracing endpoint missing', { ...enabled, exporter_otlp: {} }],
    ['no URL of HTTP', { ...enabled, exporter_otlp: { otlp_traces_endpoint: 'file:///etc/passwd' } }],
    ['the protocol must be', { ...enabled, exporter_otlp: { ...exporter, protocol: 'grpc' } }],
    ['environment variables not found: STATUS', { ...enabled, status: '{{STATUS}}' }],
    [
      'are not allowed in value_from_env: HASURA_GRAPHQL_ADMIN_SECRET',
      {
        ...enabled,
        exporter_otlp: {
          ...exporter,
          headers: [{ name: 'x', value_from_env: 'HASURA_GRAPHQL_ADMIN_SECRET' }],
        },
      },
    ],
  ])('%s', (message, configuration) => {
    expect(() => readTracingSettings(configuration, { HASURA_GRAPHQL_ADMIN_SECRET: 's' })).toThrow(message);
  });
});
