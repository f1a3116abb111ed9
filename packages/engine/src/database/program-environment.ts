import { rootCertificates } from 'node:tls';
import { connectionSettings } from './settings.ts';
import type { DatabaseOptions } from './types.ts';

/** What PostgreSQL's own programs need to connect as this engine does. */
export interface ProgramConnection {
  /** libpq's variables, so that no secret stands on a command line. */
  readonly environment: Readonly<Record<string, string>>;
  /** Contents of files whose paths belong into further variables. */
  readonly files: Readonly<Record<string, string>>;
}

/** Source: PostgreSQL manual, "Environment Variables" of libpq. @throws DatabaseConnectionError */
export function programConnection(options: DatabaseOptions): ProgramConnection {
  const { addresses, user, password, database, tls } = connectionSettings(options);
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full';
  const authority = tls.ca ?? (verifies ? rootCertificates.join('\n') : null);
  return {
    environment: {
      PGHOST: addresses.map(({ host }) => host).join(','),
      PGPORT: addresses.map(({ port }) => port).join(','),
      PGUSER: user,
      PGDATABASE: database,
      PGSSLMODE: tls.mode,
      PGAPPNAME: 'postern',
      ...(password === null ? {} : { PGPASSWORD: password }),
    },
    files: {
      ...(authority === null ? {} : { PGSSLROOTCERT: authority }),
      ...(tls.certificate === null ? {} : { PGSSLCERT: tls.certificate }),
      ...(tls.key === null ? {} : { PGSSLKEY: tls.key }),
    },
  };
}
