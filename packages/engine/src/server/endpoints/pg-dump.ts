import type { Session } from '../../authentication/index.ts';
import { cleanDump, runPgDump } from '../../pg-dump/index.ts';
import { isJsonObject, type Json, Path, RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import type { ApiRequest, ApiResponse } from '../exchange.ts';
import { readJsonBody, wrongType } from '../graphql-request.ts';

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
  if (!isJsonObject(body)) throw wrongType(Path.root, 'Object', 'Object', body);
  const { opts, clean_output: clean = null, source = null } = body;
  if (source !== null && typeof source !== 'string') {
    throw wrongType(Path.root.child('source'), 'String', 'String', source);
  }
  if (opts === undefined) throw new RequestError('parse-failed', Path.root, "the key 'opts' was not present");
  const at = Path.root.child('opts');
  if (!Array.isArray(opts)) throw wrongType(at, '[]', 'Array', opts);
  const options = opts.map((option, index) => {
    if (typeof option !== 'string') throw wrongType(at.child(index), 'String', 'String', option);
    return option;
  });
  if (clean !== null && typeof clean !== 'boolean') {
    throw wrongType(Path.root.child('clean_output'), 'Bool', 'Boolean', clean);
  }
  return { options, cleansOutput: clean === true, source: source ?? 'default' };
}
