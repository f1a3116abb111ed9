import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it in OTLP's JSON form, with its attributes as plain values. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** 2: server, 3: client. */
  readonly kind: number;
  /** 2: error. */
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface Collector {
  readonly url: string;
  readonly requests: readonly {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: Buffer;
  }[];
  /** All spans so far. */
  readonly spans: () => readonly ReceivedSpan[];
  /** Attributes of what sends, from the last request. */
  readonly resource: () => Readonly<Record<string, string | number>>;
  /** With which status it answers from now on. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

interface JsonAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}

interface JsonTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'attributes'> & {
        readonly attributes: readonly JsonAttribute[];
      })[];
    }[];
  }[];
}

/** An OTLP/HTTP collector on a free port. */
export async function startCollector(): Promise<Collector> {
  const requests: { headers: Record<string, unknown>; body: Buffer }[] = [];
  let status = 200;
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      if (status === 200) requests.push({ headers: message.headers, body: Buffer.concat(chunks) });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const read = () => requests.map(({ body }) => JSON.parse(body.toString('utf8')) as JsonTraces);
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    requests,
    spans: () =>
      read().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) =>
            spans.map((span) => ({ ...span, attributes: plain(span.attributes) })),
          ),
        ),
      ),
    resource: () => plain(read().at(-1)?.resourceSpans[0]?.resource.attributes ?? []),
    answerWith(code) {
      status = code;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function plain(attributes: readonly JsonAttribute[]): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}
