import { Path, RequestError } from '../support/index.ts';

/** Options without a value, by their names and letters. */
const switches: ReadonlySet<string> = new Set([
  '-a',
  '--data-only',
  '-b',
  '--blobs',
  '--large-objects',
  '-B',
  '--no-blobs',
  '--no-large-objects',
  '-c',
  '--clean',
  '-C',
  '--create',
  '-O',
  '--no-owner',
  '-s',
  '--schema-only',
  '-v',
  '--verbose',
  '-w',
  '--no-password',
  '-x',
  '--no-privileges',
  '--no-acl',
  '--attribute-inserts',
  '--column-inserts',
  '--disable-dollar-quoting',
  '--disable-triggers',
  '--enable-row-security',
  '--if-exists',
  '--inserts',
  '--load-via-partition-root',
  '--no-comments',
  '--no-data',
  '--no-policies',
  '--no-publications',
  '--no-schema',
  '--no-security-labels',
  '--no-statistics',
  '--no-subscriptions',
  '--no-sync',
  '--no-table-access-method',
  '--no-tablespaces',
  '--no-toast-compression',
  '--no-unlogged-table-data',
  '--on-conflict-do-nothing',
  '--quote-all-identifiers',
  '--sequence-data',
  '--serializable-deferrable',
  '--statistics',
  '--statistics-only',
  '--strict-names',
  '--use-set-session-authorization',
]);

/** Options with a value: `--schema x`, `--schema=x`, `-n x`, `-nx`. */
const withValue: ReadonlySet<string> = new Set([
  '-e',
  '--extension',
  '-n',
  '--schema',
  '-N',
  '--exclude-schema',
  '-S',
  '--superuser',
  '-t',
  '--table',
  '-T',
  '--exclude-table',
  '--table-and-children',
  '--exclude-table-and-children',
  '--exclude-table-data',
  '--exclude-table-data-and-children',
  '--exclude-extension',
  '--extra-float-digits',
  '--include-foreign-data',
  '--lock-wait-timeout',
  '--role',
  '--rows-per-insert',
  '--section',
  '--snapshot',
]);

/**
 * Lets through the options of pg_dump that say what is dumped and how it is written. Not those that write files of this machine, start further
 * processes or choose another database: such a request is refused, as are options that nobody knows.
 * @throws RequestError
 */
export function checkOptions(options: readonly string[]): void {
  for (let index = 0; index < options.length; index++) {
    const option = options[index] ?? '';
    if (switches.has(option) || isBundle(option)) continue;
    if (withValue.has(option)) {
      index++;
      if (index < options.length) continue;
      throw fault(`the option "${option}" of pg_dump needs a value`);
    }
    const [name = ''] = option.startsWith('--') ? option.split('=', 1) : [option.slice(0, 2)];
    if (option.length > name.length && withValue.has(name)) continue;
    throw fault(`the option "${option}" of pg_dump is not allowed here`);
  }
}

/** `-Ox`: letters of switches together. */
function isBundle(option: string): boolean {
  return /^-[A-Za-z]{2,}$/.test(option) && [...option.slice(1)].every((letter) => switches.has(`-${letter}`));
}

function fault(message: string): RequestError {
  return new RequestError('bad-request', Path.root.child('opts'), message);
}
