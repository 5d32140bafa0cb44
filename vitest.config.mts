import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/vscode/**'],
    reporters: ['default', './test/support/totalsReporter.ts'],
    testTimeout: 30_000,
  },
});
