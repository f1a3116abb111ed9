import { UserError } from '../command.ts';
import { readTryFile } from '../dev/try-file.ts';
import { readMetadata } from '../project/index.ts';
import type { DatabaseServer } from './database-server.ts';
import { exercisedBy, inheritedRoles, projectRules, ruleKey } from './project-rules.ts';
import type { FileReport, Report, RuleName, TestOutcome } from './report.ts';
import { rulesUsedBy, runTest, type TestResult } from './run-test.ts';
import {
  bedMaker,
  copyDatabases,
  dropDatabases,
  makeTemplates,
  type ProjectSetup,
  type SourceDatabases,
  type TestBed,
} from './test-bed.ts';
import { readTestFiles, type TestCase, type TestFile } from './test-file.ts';

export type RunOptions = {
  readonly projectFolder: string;
  readonly server: DatabaseServer;
  /** Settings of the engine and variables that the metadata refers to; what names databases is ignored. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called after each file. */
  readonly onFile?: (file: FileReport) => void;
};

/**
 * Runs every test of a project. Tests that change nothing share a copy of the databases; each other one, and each with fixtures of its own, gets
 * its own copy, so that their order never counts.
 * @throws UserError when the tests cannot be run: no tests, a faulty file, a project that does not fit together
 */
export async function runPermissionTests(options: RunOptions): Promise<Report> {
  const { projectFolder, server, environment } = options;
  const files = readTestFiles(projectFolder);
  if (files.every(({ tests }) => tests.length === 0)) {
    throw new UserError(`There are no tests: ${projectFolder} has no file permissions/*.test.yaml`);
  }
  const metadata = readMetadata(projectFolder);
  const setup: ProjectSetup = {
    projectFolder,
    metadata,
    server,
    environment,
    unauthorizedRole:
      readTryFile(projectFolder).unauthorizedRole ??
      (environment['HASURA_GRAPHQL_UNAUTHORIZED_ROLE'] || null),
  };
  const used = new Map<string, RuleName>();
  const templates = await makeTemplates(setup);
  const openBed = bedMaker(setup);
  const reports: FileReport[] = [];
  for (const file of files) {
    const report = await runFile(file, { setup, templates, openBed, used });
    options.onFile?.(report);
    reports.push(report);
  }
  await dropDatabases(templates, server);
  return { files: reports, ...coverage(metadata, used) };
}

type Run = {
  readonly setup: ProjectSetup;
  readonly templates: SourceDatabases;
  readonly openBed: (databases: SourceDatabases) => Promise<TestBed>;
  /** Grows with each test; by `ruleKey`. */
  readonly used: Map<string, RuleName>;
};

async function runFile(file: TestFile, run: Run): Promise<FileReport> {
  const { setup, openBed, used } = run;
  const { server, unauthorizedRole } = setup;
  const hasFixtures = file.fixtures.length > 0;
  const templates = hasFixtures ? await copyDatabases(run.templates, file.fixtures, server) : run.templates;
  let shared: TestBed | undefined;
  const outcomes: TestOutcome[] = [];
  try {
    for (const test of file.tests) {
      const startedAt = performance.now();
      shared ??= await openBed(await copyDatabases(templates, [], server));
      let result: TestResult;
      if (needsOwnCopy(test, shared, unauthorizedRole)) {
        const bed = await openBed(await copyDatabases(templates, test.fixtures, server));
        result = await runTest(test, bed, unauthorizedRole).finally(() => bed.close());
      } else {
        result = await runTest(test, shared, unauthorizedRole);
      }
      const role = test.role ?? unauthorizedRole;
      for (const { source, table, operation } of result.used) {
        const rule = { source, table: `${table.schema}.${table.name}`, role: role ?? '', operation };
        used.set(ruleKey(rule), rule);
      }
      const seconds = (performance.now() - startedAt) / 1000;
      outcomes.push({ name: test.name, role: test.role, seconds, failure: result.failure });
    }
  } finally {
    await shared?.close();
    if (hasFixtures) await dropDatabases(templates, server);
  }
  return { path: file.path, outcomes };
}

/** A document that holds the word may change rows, unless it is refused before it is run; one that only seems to costs a copy. */
function needsOwnCopy(test: TestCase, shared: TestBed, unauthorizedRole: string | null): boolean {
  if (test.fixtures.length > 0) return true;
  return /\bmutation\b/.test(test.query) && rulesUsedBy(test, shared, unauthorizedRole).length > 0;
}

function coverage(
  metadata: Readonly<Record<string, unknown>>,
  used: ReadonlyMap<string, RuleName>,
): Pick<Report, 'rules' | 'unexercised'> {
  const rules = projectRules(metadata);
  const declared = new Map(rules.map((rule) => [ruleKey(rule), rule]));
  const parents = inheritedRoles(metadata);
  const exercised = new Set(
    [...used.values()].flatMap((use) => exercisedBy(use, declared, parents).map(ruleKey)),
  );
  return { rules, unexercised: rules.filter((rule) => !exercised.has(ruleKey(rule))) };
}
