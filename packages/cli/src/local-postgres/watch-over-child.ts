import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Makes sure that a child does not outlive us, even if we are killed without a chance to act.
 *
 * A shell waits on a pipe that only we hold open: when we die, its `read` ends and it stops the child (SIGINT: PostgreSQL's fast shutdown),
 * then removes `folder` if one is given.
 */
export function watchOverChild(child: ChildProcess, folder: string | null): { release(): void } {
  const script = [
    'if read -r word && [ "$word" = released ]; then exit 0; fi',
    'kill -INT "$0" 2>/dev/null',
    'n=0; while kill -0 "$0" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done',
    'if [ -n "$1" ]; then rm -rf -- "$1"; fi',
  ].join('\n');
  const watcher = spawn('/bin/sh', ['-c', script, String(child.pid), folder ?? ''], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {
    // without a shell there is no watcher; the next start removes the orphan
  });
  watcher.unref();
  const pipe = watcher.stdin;
  // The pipe must not keep the event loop alive. It is a socket of Node's, whose type does not show `unref`.
  (pipe as unknown as { unref?: () => void }).unref?.();
  pipe.on('error', () => {});
  return { release: () => pipe.end('released\n') };
}
