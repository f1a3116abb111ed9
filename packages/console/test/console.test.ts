import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureConsoleBuilt } from '../../../scripts/set-up.mjs';
import { type ServedBlog, serveBlog } from '../../cli/test/support/serve-blog.ts';

const executablePath = process.env['POSTERN_CHROMIUM'] ?? '/usr/bin/chromium';
const WAIT = { timeout: 10_000, interval: 100 };
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) process.stderr.write(`console tests are skipped: there is no ${executablePath}\n`);

let blog: ServedBlog;
let browser: Browser;
beforeAll(async () => {
  if (!hasBrowser) return;
  await ensureConsoleBuilt();
  blog = await serveBlog({
    HASURA_GRAPHQL_ENABLE_CONSOLE: 'true',
    HASURA_GRAPHQL_CONSOLE_ASSETS_DIR: fileURLToPath(new URL('../dist', import.meta.url)),
  });
  // Chromium refuses its sandbox to root
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath, args });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await blog?.stop();
});

test.skipIf(!hasBrowser)('a person asks under two roles and gets the rows of each', async () => {
  const { page, foreign, faults } = await open();
  await page.goto(`${blog.address}/`);
  await write(page, 'Headers', JSON.stringify(headers('author', 1)));
  await write(page, 'Operation Editor', '{ articles(order_by: {id: asc}) { title } }');
  await run(page);
  await seeAnswer(page, 'Notes on rye');
  expect(await answerText(page)).not.toContain('The last tram');

  await write(page, 'Headers', JSON.stringify(headers('anonymous')));
  await run(page);
  await seeAnswer(page, 'The last tram');
  expect(await answerText(page)).not.toContain('Notes on rye');

  expect(foreign).toEqual([]);
  expect(faults).toEqual([]);
  await page.close();
});

test.skipIf(!hasBrowser)(
  'the headers are in sight at once, with the role and a place for the secret',
  async () => {
    const { page } = await open();
    await page.goto(`${blog.address}/console`);
    const text = async () => unspaced((await page.locator('.graphiql-editor-tool').textContent()) ?? '');
    await expect.poll(text, WAIT).toContain('x-hasura-role');
    expect(await text()).toContain('the admin secret');
    await page.close();
  },
);

test.skipIf(!hasBrowser)(
  'the address may carry the secret; the documentation is then that of the role',
  async () => {
    const { page } = await open();
    await page.goto(`${blog.address}/console#admin-secret=${blog.adminSecret}`);
    await page.getByLabel('Show Documentation Explorer').click();
    await page.getByRole('link', { name: 'query_root' }).click();
    await page.getByRole('link', { name: 'editors_aggregate' }).first().waitFor();
    await write(page, 'Headers', JSON.stringify(headers('anonymous')));
    await expect.poll(() => page.getByText('editors_aggregate').count(), WAIT).toBe(0);
    await page.close();
  },
);

function headers(role: string, userId?: number): Record<string, string> {
  return {
    'x-hasura-admin-secret': blog.adminSecret,
    'x-hasura-role': role,
    ...(userId === undefined ? {} : { 'x-hasura-user-id': String(userId) }),
  };
}

/** A page, with the requests that it sent elsewhere (there must be none) and the errors that its scripts threw. */
async function open(): Promise<{ page: Page; foreign: string[]; faults: string[] }> {
  const page = await browser.newPage({ permissions: ['clipboard-read', 'clipboard-write'] });
  const foreign: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(blog.address) && !/^(data|blob):/.test(request.url()))
      foreign.push(request.url());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  return { page, foreign, faults };
}

/** Replaces the text of an editor by pasting: to typed text it would add closing brackets and quotes. */
async function write(page: Page, editor: 'Headers' | 'Operation Editor', text: string): Promise<void> {
  const section = page.locator(`section[aria-label="${editor}"]`);
  await section.locator('.monaco-editor:visible').first().click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('ControlOrMeta+V');
}

async function run(page: Page): Promise<void> {
  await page.getByLabel('Execute query (Ctrl-Enter)').click();
}

async function seeAnswer(page: Page, text: string): Promise<void> {
  await expect.poll(() => answerText(page), WAIT).toContain(text);
}

async function answerText(page: Page): Promise<string> {
  return unspaced((await page.locator('section[aria-label="Result Window"]').textContent()) ?? '');
}

/** Monaco shows blanks as no-break spaces. */
function unspaced(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
