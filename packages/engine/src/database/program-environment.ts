import { createPrivateKey } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { connectionSettings, type TlsSettings } from './settings.ts';
import { DatabaseConnectionError, type DatabaseOptions } from './types.ts';

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
      ...(tls.key === null ? {} : { PGSSLKEY: openKey(tls.key, tls) }),
    },
  };
}

/** There is no variable for the password of a key. */
function openKey(key: string, { keyPassword }: TlsSettings): string {
  if (keyPassword === null) return key;
  try {
    return createPrivateKey({ key, passphrase: keyPassword })
      .export({ type: 'pkcs8', format: 'pem' })
      .toString();
  } catch (cause) {
    throw new DatabaseConnectionError('the private key cannot be read with its password', { cause });
  }
}
