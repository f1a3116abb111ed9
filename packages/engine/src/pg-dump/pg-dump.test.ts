import { expect, test } from 'vitest';
import { checkOptions } from './check-options.ts';
import { cleanDump } from './clean-output.ts';

test.each([
  [['-O', '-x', '--schema-only', '--schema', 'public']],
  [['-Oxs', '-nfoo', '--schema=bar', '--table', 'public."Odd name"', '--if-exists', '--clean']],
  [['--no-password', '--no-sync', '--no-statistics']],
  [[]],
])('%j may be asked', (options) => {
  expect(() => checkOptions(options)).not.toThrow();
});

test.each([
  [['--file=/etc/passwd']],
  [['-f', 'x']],
  [['-fx']],
  [['-Ofx']],
  [['--fil=x']],
  [['--schema-only', '-Fd']],
  [['--format=c']],
  [['-j4']],
  [['-d', 'postgres://elsewhere']],
  [['--dbname=x']],
  [['-h', 'elsewhere']],
  [['-Uroot']],
  [['postgres://elsewhere/x']],
  [['dbname=other']],
  [['']],
  [['-']],
  [['--schema']],
  [['--schema-only=x']],
  [['--', 'x']],
])('%j is refused', (options) => {
  expect(() => checkOptions(options)).toThrow(/^the option ".*" of pg_dump /);
});

test('a clean dump has nothing that a migration does not need', () => {
  const dump = `--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

CREATE SCHEMA public;
COMMENT ON SCHEMA public IS 'standard public schema';
SET default_tablespace = '';
CREATE TABLE public.t (
    id integer
);

CREATE TRIGGER "notify_hasura_x_INSERT" AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION hdb_catalog.x();
CREATE TRIGGER mine AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION x();
`;
  expect(cleanDump(dump)).toBe(`SET check_function_bodies = false;
CREATE TABLE public.t (
    id integer
);
CREATE TRIGGER mine AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION x();
`);
});
