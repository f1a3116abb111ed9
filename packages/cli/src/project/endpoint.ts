import { UserError } from '../user-error.ts';

/** An engine may be served below a path, so only the addresses of its APIs are known to be no root. */
const apiAddress =
  /^(.*)\/(v1\/(?:graphql|query|metadata|version)|v2\/query|v1alpha1\/(?:graphql|config|pg_dump)|v1beta1\/relay|console|healthz)$/;

/** @throws UserError when it is no root URL of a server */
export function checkedEndpoint(endpoint: string): string {
  const problem = (why: string): UserError =>
    new UserError(
      `error validating endpoint URL: ${JSON.stringify(endpoint)} ${why}, for example http://localhost:8080`,
    );
  if (!URL.canParse(endpoint)) throw problem('is no URL');
  const { protocol } = new URL(endpoint);
  if (protocol !== 'http:' && protocol !== 'https:') throw problem('must begin with http:// or https://');
  if (/[?#]/.test(endpoint)) throw problem('must end before "?" and "#"');
  const root = endpoint.replace(/\/+$/, '');
  const [, above, api] = apiAddress.exec(root) ?? [];
  if (above !== undefined) {
    throw new UserError(
      `error validating endpoint URL: ${JSON.stringify(endpoint)} is the address of one API (/${api}); the endpoint is the root URL of the engine: ${above}`,
    );
  }
  return root;
}
