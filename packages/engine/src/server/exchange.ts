import type { RawHeaders } from '../authentication/index.ts';
import type { Bytes } from '../database/index.ts';
import type { Span } from '../support/index.ts';
import type { AnswerStream } from './answer-stream.ts';

/** A request as handlers see it, whether it came through node:http or through `fetch`. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** The query string with its `?`, or empty. */
  readonly search: string;
  readonly headers: RawHeaders;
  readonly body: Buffer;
  readonly id: string;
  /** The work for the request, when it is traced; then the headers say so, too. */
  readonly span?: Span;
  /** Address of the peer, null when there is none. */
  readonly remoteAddress: string | null;
  /** Aborted when the client goes away; its reason is the RequestError that the log gets to see. */
  readonly clientSignal: AbortSignal;
  /** `HTTP/1.1` */
  readonly httpVersion: string;
  /** `performance.now()` when the head had arrived, and when the body had. */
  readonly startedAt: number;
  readonly bodyReadAt: number;
}

/** An answer before headers that do not depend on the handler (request id, CORS, compression) are added. */
export interface ApiResponse {
  readonly status: number;
  /** Null for an answer without body. */
  readonly contentType: string | null;
  /** UTF-8 text, bytes in pieces, or what is still being made. */
  readonly body: string | Bytes | AnswerStream;
  /** Further header names and values in turn. */
  readonly headers: readonly string[];
  /** Errors are not compressed. */
  readonly isError: boolean;
}

export const jsonType = 'application/json; charset=utf-8';
export const textType = 'text/plain; charset=utf-8';

export function jsonResponse(body: string | Bytes | AnswerStream): ApiResponse {
  return { status: 200, contentType: jsonType, body, headers: noHeaders, isError: false };
}

const noHeaders: readonly string[] = [];

export function textResponse(status: number, body: string): ApiResponse {
  return { status, contentType: textType, body, headers: [], isError: status >= 400 };
}

export function sizeOf(body: string | Bytes): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  let size = 0;
  for (const piece of body) size += piece.length;
  return size;
}
