import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { TlsSettings } from '../settings.ts';
import { DatabaseConnectionError } from '../types.ts';
import { SSL_REQUEST_CODE } from './messages.ts';

/** Asks the server for TLS; resolves to whether it agrees. Source: PostgreSQL manual, "SSL Session Encryption". */
export function requestTls(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off('data', onData);
      socket.off('error', onError);
      socket.off('close', onClose);
    };
    const onData = (bytes: Buffer): void => {
      done();
      socket.pause();
      // More than one byte was not encrypted and could come from someone in between (CVE-2021-23222).
      if (bytes.length !== 1)
        reject(new DatabaseConnectionError('received unencrypted data after SSL response'));
      else if (bytes[0] === 0x53)
        resolve(true); // S
      else if (bytes[0] === 0x4e)
        resolve(false); // N
      else reject(new DatabaseConnectionError('received invalid response to SSL negotiation'));
    };
    const onError = (error: Error): void => {
      done();
      reject(error);
    };
    const onClose = (): void => {
      done();
      reject(new DatabaseConnectionError('server closed the connection unexpectedly'));
    };
    socket.on('data', onData);
    socket.on('error', onError);
    socket.on('close', onClose);
    const request = Buffer.alloc(8);
    request.writeInt32BE(8, 0);
    request.writeInt32BE(SSL_REQUEST_CODE, 4);
    socket.write(request);
  });
}

/** Encrypts the socket; checks the certificate and the host name as the mode demands. */
export function startTls(socket: Socket, host: string, settings: TlsSettings): Promise<TLSSocket> {
  const verifiesChain = settings.mode === 'verify-ca' || settings.mode === 'verify-full';
  const options: ConnectionOptions = { socket, rejectUnauthorized: verifiesChain };
  if (isIP(host) === 0) options.servername = host;
  else options.host = host;
  if (settings.mode !== 'verify-full') options.checkServerIdentity = () => undefined;
  if (settings.ca !== null) options.ca = settings.ca;
  if (settings.certificate !== null) options.cert = settings.certificate;
  if (settings.key !== null) options.key = settings.key;
  if (settings.keyPassword !== null) options.passphrase = settings.keyPassword;
  return new Promise((resolve, reject) => {
    const secure = connect(options);
    const done = (): void => {
      secure.off('secureConnect', onSecure);
      secure.off('error', onError);
      secure.off('close', onClose);
    };
    const onSecure = (): void => {
      done();
      resolve(secure);
    };
    const onError = (error: Error): void => {
      done();
      secure.on('error', () => {}); // what comes after the first error says nothing new
      secure.destroy();
      reject(error);
    };
    const onClose = (): void => {
      done();
      reject(new DatabaseConnectionError('server closed the connection unexpectedly'));
    };
    secure.on('secureConnect', onSecure);
    secure.on('error', onError);
    secure.on('close', onClose);
  });
}
