import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { ScramClient } from './scram.ts';

const SALT = Buffer.from('0123456789abcdef');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** A server as RFC 5802 describes it, with what it stores of a password. */
function serverFinal(
  clientFinal: string,
  clientFirst: string,
  serverFirst: string,
  password: string,
): string | null {
  const salted = pbkdf2Sync(password, SALT, 4096, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  const [withoutProof = '', proof = ''] = clientFinal.split(',p=');
  const authMessage = `${clientFirst.slice('n,,'.length)},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, authMessage);
  const clientKey = Buffer.from(proof, 'base64').map((byte, index) => byte ^ (signature[index] ?? 0));
  if (!createHash('sha256').update(clientKey).digest().equals(storedKey)) return null;
  return `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`;
}

const serverFirst = `r=clientserver,s=${SALT.toString('base64')},i=4096`;

test('both sides prove that they know the password', async () => {
  const client = new ScramClient('secret', 'client');
  expect(client.firstMessage()).toBe('n,,n=,r=client');
  const final = await client.finalMessage(serverFirst);
  expect(final).toMatch(/^c=biws,r=clientserver,p=/);
  const answer = serverFinal(final, client.firstMessage(), serverFirst, 'secret');
  expect(answer).not.toBeNull();
  expect(() => client.verify(answer ?? '')).not.toThrow();
  expect(serverFinal(final, client.firstMessage(), serverFirst, 'other')).toBeNull();
});

test('a server that does not know it is not believed', async () => {
  const client = new ScramClient('secret', 'client');
  expect(() => client.verify('v=')).toThrow('incorrect SCRAM server signature');
  await client.finalMessage(serverFirst);
  expect(() => client.verify(`v=${Buffer.alloc(32).toString('base64')}`)).toThrow(
    'incorrect SCRAM server signature',
  );
  expect(() => client.verify('e=other-error')).toThrow('incorrect SCRAM server signature');
});

test.each([
  ['r=other,s=AA==,i=4096', 'invalid SCRAM response'],
  ['r=client,s=AA==,i=4096', 'invalid SCRAM response'],
  ['r=clientserver,i=4096', 'invalid SCRAM response'],
  ['r=clientserver,s=AA==,i=0', 'iteration count'],
  ['r=clientserver,s=AA==,i=99999999999', 'iteration count'],
])('%s is refused', async (first, message) => {
  await expect(new ScramClient('secret', 'client').finalMessage(first)).rejects.toThrow(message);
});
