import type { Readable } from 'node:stream';

const newline = 10;
/** A line that is longer than this is passed on in parts. */
const longestLine = 4 * 1024 * 1024;

/**
 * Passes on what a process prints, in whole lines, so that the lines of several processes do not mix. What comes after the last line break
 * follows when the process has ended.
 */
export function forwardLines(from: Readable, write: (lines: Buffer) => void): void {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  const release = (): void => {
    if (keptBytes > 0) write(Buffer.concat(kept));
    kept = [];
    keptBytes = 0;
  };
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > 0) {
      kept.push(chunk.subarray(0, end));
      keptBytes += end;
      release();
    }
    if (end === chunk.length) return;
    kept.push(chunk.subarray(end));
    keptBytes += chunk.length - end;
    if (keptBytes > longestLine) release();
  });
  from.once('close', release);
}
