import { defineConfig } from 'vitest/config';

// a file that gets the results for machines; `.ci/run` counts with it
const report = process.env['POSTERN_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'scripts/**/*.test.mjs'],
    globalSetup: ['packages/engine/test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
