import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandContext, UserError } from '../command.ts';
import {
  hasPassed,
  junitReport,
  openDatabaseServer,
  printFile,
  printReport,
  runPermissionTests,
} from './index.ts';

/** Runs the tests and prints the report. Exit status: 0 all passed; 1 a test failed, or a rule is not exercised and `--require-all` was given; 2 the tests could not be run. */
export async function runPermissionsCommand({
  argv,
  options,
  environment,
  print,
}: CommandContext): Promise<void> {
  const { databaseUrl, junit } = options;
  try {
    const server = await openDatabaseServer(typeof databaseUrl === 'string' ? databaseUrl : null);
    const forget = onInterruption(() => server.close());
    const report = await runPermissionTests({
      projectFolder: resolve(argv[0] ?? '.'),
      server,
      environment,
      onFile: (file) => print(printFile(file)),
    }).finally(async () => {
      await server.close();
      forget();
    });
    print(`\n${printReport(report)}`);
    if (typeof junit === 'string') writeFileSync(junit, junitReport(report));
    const isIncomplete = options['requireAll'] === true && report.unexercised.length > 0;
    process.exitCode = hasPassed(report) && !isIncomplete ? 0 : 1;
  } catch (error) {
    // a project that cannot be tested is not a test that failed
    if (error instanceof UserError) throw new UserError(error.message, { exitStatus: 2, cause: error });
    process.exitCode = 2;
    throw error;
  }
}

/** Removes what was made before the process ends at a signal; 130 as shells count it. The result takes the listeners away. */
function onInterruption(clean: () => Promise<void>): () => void {
  const handle = (): void => {
    void clean().finally(() => process.exit(130));
  };
  process.once('SIGINT', handle).once('SIGTERM', handle);
  return () => process.off('SIGINT', handle).off('SIGTERM', handle);
}
