/**
 * Permission tests: YAML files that say what a role gets for a request.
 *
 * In: a project folder and a PostgreSQL in which databases may be created. Out: a report: each test's outcome, and the rules that no test
 * exercised; as text for people and as JUnit XML for CI. Promise: the project's own databases are never opened; every test begins with the
 * same rows; nothing is left behind. The format is described in docs/permission-tests.md.
 */
export { junitReport } from './junit.ts';
export { openDatabaseServer } from './database-server.ts';
export { hasPassed, printFile, printReport } from './print-report.ts';
export type { FileReport, Report, RuleName, TestOutcome } from './report.ts';
export { runPermissionTests } from './run-permission-tests.ts';
