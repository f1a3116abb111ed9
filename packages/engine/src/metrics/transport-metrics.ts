import type { MetricTools } from './metric-tools.ts';
import type { Metrics, StateReaders } from './types.ts';

/** Seconds. */
const messageBuckets = [0.000001, 0.0001, 0.01, 0.1, 0.3, 1, 3, 10];

/** Connections of clients, and the bytes that pass through them. */
export function transportMetrics({
  library,
  registry,
  readers,
}: MetricTools): Pick<
  Metrics,
  'httpAnswered' | 'webSocketReceived' | 'webSocketQueued' | 'webSocketSent' | 'webSocketWritten'
> {
  const bytes = { requests: 0, responses: 0, received: 0, sent: 0 };
  connections(
    'hasura_http_connections',
    'Open HTTP connections, without those that became WebSockets',
    'httpConnections',
  );
  connections('hasura_websocket_connections', 'Open WebSockets', 'webSocketConnections');
  counter('hasura_http_request_bytes_total', 'Bytes of request bodies', () => bytes.requests);
  counter('hasura_http_response_bytes_total', 'Bytes of response bodies as sent', () => bytes.responses);
  counter(
    'hasura_websocket_messages_received_bytes_total',
    'Bytes of messages from WebSockets',
    () => bytes.received,
  );
  counter('hasura_websocket_messages_sent_bytes_total', 'Bytes of messages to WebSockets', () => bytes.sent);
  const queued = new library.Histogram({
    name: 'hasura_websocket_message_queue_time',
    help: 'Seconds that a message from a WebSocket waited for those before it',
    buckets: messageBuckets,
    registers: [registry],
  });
  const written = new library.Histogram({
    name: 'hasura_websocket_message_write_time',
    help: 'Seconds until a message to a WebSocket had left for the operating system',
    buckets: messageBuckets,
    registers: [registry],
  });

  function connections(name: string, help: string, read: 'httpConnections' | 'webSocketConnections'): void {
    const gauge: InstanceType<typeof library.Gauge> = new library.Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const reader: StateReaders[typeof read] | undefined = readers()[read];
        gauge.set((await reader?.()) ?? 0);
      },
    });
  }

  function counter(name: string, help: string, read: () => number): void {
    const made: InstanceType<typeof library.Counter> = new library.Counter({
      name,
      help,
      registers: [registry],
      collect() {
        made.reset();
        made.inc(read());
      },
    });
  }

  return {
    httpAnswered(requestBytes, responseBytes) {
      bytes.requests += requestBytes;
      bytes.responses += responseBytes;
    },
    webSocketReceived(count) {
      bytes.received += count;
    },
    webSocketQueued: (seconds) => queued.observe(seconds),
    webSocketSent(count) {
      bytes.sent += count;
    },
    webSocketWritten: (seconds) => written.observe(seconds),
  };
}
