// One line per step on stderr: what is being done, that it still goes on, how long it took.
const STILL_WORKING_MS = 10_000;
const SHORT_MS = 400;

/**
 * Runs `work` and shows `title` meanwhile. On a terminal the line is there at once and gets its time at the end;
 * elsewhere (a log) it is written when it is done, with a sign of life every ten seconds.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = Date.now();
  const out = process.stderr;
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const redraw = (text) => out.write(`\r\u001b[2K${text}`);
  const timer = setInterval(
    () => {
      if (out.isTTY) redraw(`… ${title} ${seconds()}`);
      else out.write(`… ${title} (${seconds()} so far)\n`);
    },
    out.isTTY ? 100 : STILL_WORKING_MS,
  );
  timer.unref();
  try {
    if (out.isTTY) redraw(`… ${title}`);
    const result = await work();
    const line = `✓ ${title}${Date.now() - started < SHORT_MS ? '' : ` (${seconds()})`}\n`;
    if (out.isTTY) redraw(line);
    else out.write(line);
    return result;
  } catch (error) {
    if (out.isTTY) redraw(`✗ ${title}\n`);
    else out.write(`✗ ${title}\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
