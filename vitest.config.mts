import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // `npm run test:tensorflow` adds what needs libtensorflow.
    include: ['test/**/*.test.ts', ...(process.env.CASELIGHT_TEST_TENSORFLOW ? ['test/**/*.installed.ts'] : [])],
    exclude: ['test/vscode/**'],
    reporters: ['default', './test/support/totalsReporter.ts'],
    testTimeout: 30_000,
  },
});
