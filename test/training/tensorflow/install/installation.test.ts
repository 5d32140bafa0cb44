import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findTensorFlow,
  requireTensorFlow,
  tensorFlowState,
} from '../../../../src/training/tensorflow/install/installation.ts';
import { prepareInstall } from './startInstall.ts';

/** An installation, changed. */
function prepareChanged(change: (folder: string) => void): string {
  const { root, writeOld } = prepareInstall();
  writeOld();
  change(path.join(root, 'tensorflow'));
  return root;
}

const changeRecord = (change: object) => (folder: string) => {
  const file = path.join(folder, 'installation.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }));
};

describe('findTensorFlow', () => {
  it('finds an installation, also with the binding beside it', async () => {
    const root = prepareChanged((folder) => writeFileSync(path.join(folder, 'tfjs_binding.node'), 'binding'));
    const folder = path.join(root, 'tensorflow');
    await expect(findTensorFlow(root)).resolves.toMatchObject({ version: '2.0.0', folder });
    await expect(requireTensorFlow(root)).resolves.toEqual(await findTensorFlow(root));
  });

  it('finds none where there is none', async () => {
    const { root } = prepareInstall();
    await expect(tensorFlowState(root)).resolves.toEqual({ kind: 'absent' });
    await expect(findTensorFlow(root)).resolves.toBe(undefined);
    await expect(requireTensorFlow(root)).rejects.toMatchObject({
      code: 'ENGINE_NOT_INSTALLED',
      message: expect.stringMatching(/is not installed: install it with "Caselight: Install TensorFlow Engine"/),
    });
  });

  it.each<[string, (folder: string) => void]>([
    ['lacks a library', (folder) => rmSync(path.join(folder, 'libtensorflow.so.2'))],
    ['has a library cut short', (folder) => truncateSync(path.join(folder, 'libtensorflow_framework.so.2'), 2)],
    ['has no record', (folder) => rmSync(path.join(folder, 'installation.json'))],
    ['has half a record', (folder) => truncateSync(path.join(folder, 'installation.json'), 40)],
    ['has a record of another format', changeRecord({ formatVersion: 2 })],
    ['has a record without libraries', changeRecord({ files: [] })],
    ['has a record of other files', changeRecord({ files: [{ name: '../x', sizeBytes: 1 }, null] })],
    ['has a record without a version', changeRecord({ version: 29 })],
    [
      'is a file',
      (folder) => {
        rmSync(folder, { recursive: true });
        mkdirSync(path.dirname(folder), { recursive: true });
        writeFileSync(folder, '');
      },
    ],
  ])('says that it is damaged where it %s', async (_, change) => {
    const root = prepareChanged(change);
    await expect(tensorFlowState(root)).resolves.toEqual({ kind: 'damaged' });
    await expect(findTensorFlow(root)).resolves.toBe(undefined);
    await expect(requireTensorFlow(root)).rejects.toMatchObject({ message: expect.stringContaining('is damaged') });
  });
});
