import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { closeSignal } from './close-signal.ts';

/** Of a socket only its end matters. */
function socketOf(): Socket {
  return new EventEmitter() as Socket;
}

test('one signal for a connection, another for another', () => {
  const [one, other] = [socketOf(), socketOf()];
  expect(closeSignal(one)).toBe(closeSignal(one));
  expect(closeSignal(one)).not.toBe(closeSignal(other));
  for (let request = 0; request < 100; request++) closeSignal(one);
  expect(one.listenerCount('close')).toBe(1);
});

test('who listens when the connection is closed is called once; who has stopped is not', async () => {
  const socket = socketOf();
  const signal = closeSignal(socket);
  const called: string[] = [];
  const listeners = ['a', 'b', 'c', 'd'].map((name) => () => called.push(name));
  for (const listener of listeners) signal.addEventListener('abort', listener);
  const object = { handleEvent: (event: Event) => called.push(event.type) };
  signal.addEventListener('abort', object);
  for (const stopped of [listeners[1], listeners[3]])
    if (stopped) signal.removeEventListener('abort', stopped);
  signal.removeEventListener('abort', () => {});
  // what else takes signals does with this one as with any other
  const derived = AbortSignal.any([signal]);
  const waiting = once(new EventEmitter(), 'never', { signal });
  socket.emit('close');
  expect(called).toEqual(['a', 'c', 'abort']);
  expect(signal.aborted).toBe(true);
  expect(String(signal.reason)).toContain('the client has gone away');
  expect(derived.aborted).toBe(true);
  await expect(waiting).rejects.toThrow();
  socket.emit('close');
  expect(called).toHaveLength(3);
});

test('fetch ends with it', async () => {
  const socket = socketOf();
  const answer = fetch('http://127.0.0.1:1/', { signal: closeSignal(socket) });
  socket.emit('close');
  await expect(answer).rejects.toThrow('the client has gone away');
});
