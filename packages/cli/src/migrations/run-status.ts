import type { CommandContext } from '../command.ts';
import { writeJson } from '../document/index.ts';
import { chooseSources, isSet, type Session, text } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { migrationStatus, statusTable } from './show-status.ts';

/** `migrate status`: a table for each database, or JSON. */
export async function runStatus(session: Session, { options }: CommandContext): Promise<void> {
  const format = text(options, 'output');
  if (format !== undefined && format !== 'json') {
    throw new UserError(`output format '${format}' is not supported. supported formats: json`);
  }
  const sources = await chooseSources(session, options, { what: 'migrations', allowsAll: true });
  const found = [];
  for (const source of sources) {
    found.push({
      source,
      status: await migrationStatus(session, source, !isSet(options, 'disableAutoStateMigration')),
    });
  }
  if (format === 'json') {
    session.terminal.print(
      writeJson(
        new Map(
          found.map(
            ({ source, status: list }) =>
              [source.name, list.map((each) => new Map(Object.entries(each)))] as const,
          ),
        ),
        2,
      ),
    );
    return;
  }
  for (const { source, status: list } of found) session.terminal.print(statusTable(source, list));
}
