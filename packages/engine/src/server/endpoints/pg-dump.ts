import type { Session } from '../../authentication/index.ts';
import { cleanDump, runPgDump } from '../../pg-dump/index.ts';
import { isJsonObject, type Json, Path, RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import type { ApiRequest, ApiResponse } from '../exchange.ts';
import { readJsonBody } from '../graphql-request.ts';

/** `POST /v1alpha1/pg_dump`. Source: spec/server.md 1.6. */
export async function answerPgDump(
  request: ApiRequest,
  _session: Session,
  context: ServerContext,
): Promise<ApiResponse> {
  const { options, cleansOutput, source } = readRequest(readJsonBody(request.body));
  const dump = await runPgDump(context.runtime.connectionOf(source), options);
  return {
    status: 200,
    contentType: 'application/sql',
    body: cleansOutput ? cleanDump(dump.toString('utf8')) : [dump],
    headers: [],
    isError: false,
  };
}

interface DumpRequest {
  readonly options: readonly string[];
  readonly cleansOutput: boolean;
  readonly source: string;
}

function readRequest(body: Json): DumpRequest {
  if (!isJsonObject(body)) throw fault(Path.root, 'expected an object');
  const { opts, clean_output: clean = false, source = 'default' } = body;
  if (opts === undefined) throw fault(Path.root, "the key 'opts' was not present");
  if (!Array.isArray(opts) || !opts.every((option) => typeof option === 'string')) {
    throw fault(Path.root.child('opts'), 'expected a list of texts');
  }
  if (typeof clean !== 'boolean' && clean !== null) {
    throw fault(Path.root.child('clean_output'), 'expected a Boolean');
  }
  if (typeof source !== 'string') throw fault(Path.root.child('source'), 'expected a text');
  return { options: opts as readonly string[], cleansOutput: clean === true, source };
}

function fault(path: Path, message: string): RequestError {
  return new RequestError('parse-failed', path, message);
}
