import type { ModelSettings } from '../../src/inference/backend.ts';

/** Settings that name nothing real, for tests that load no model. */
export const modelSettings: ModelSettings = {
  modelDirectory: 'm',
  modelHash: 'h',
  modelStamp: 's',
  cacheDirectory: 'c',
  precision: 'int8',
  maxLength: 16,
  threads: 1,
};
