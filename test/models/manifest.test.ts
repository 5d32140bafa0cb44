import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseManifest, readManifest, verifyFiles } from '../../src/models/manifest.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const SHA256_OF_X = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
const MANIFEST = { schemaVersion: 1, name: 'seriousness', files: { 'config.json': SHA256_OF_X } };
const BUILT_IN = path.resolve(import.meta.dirname, '../../models/default');

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

describe('readManifest', () => {
  it('is undefined where there is none', async () => {
    expect(await readManifest(temporaryFolder())).toBeUndefined();
  });

  it('reads that of the built-in model, whose files are as it says', async () => {
    const manifest = await readManifest(BUILT_IN);
    expect(manifest).toEqual(JSON.parse(readFileSync(path.join(BUILT_IN, 'caselight.json'), 'utf8')));
    expect(manifest && (await verifyFiles(BUILT_IN, manifest))).toEqual([]);
  });

  it('says so where it is no file', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'caselight.json'));
    await expect(readManifest(folder)).rejects.toMatchObject({ code: 'IO_ERROR' });
  });
});

describe('parseManifest', () => {
  it('keeps fields that it does not know', () => {
    const manifest = { ...MANIFEST, created: '2026-11-23T21:00:00.000Z', later: [1], metrics: { f1: { a: 1 } } };
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  });

  it.each<[string, unknown, string]>([
    ['is cut off', '{"schemaVersion": 1', 'it is not JSON'],
    ['is a list', [], 'it is not a JSON object'],
    ['has no version', { ...MANIFEST, schemaVersion: undefined }, 'schemaVersion is not 1'],
    ['is of a newer Caselight', { ...MANIFEST, schemaVersion: 2 }, 'a newer Caselight (schema 2): update Caselight'],
    ['has no name', { ...MANIFEST, name: ' ' }, 'it has no name'],
    ['has no time of creation', { ...MANIFEST, created: 'yesterday' }, 'created is not a time'],
    ['has metrics that are a number', { ...MANIFEST, metrics: 7 }, 'metrics is not an object'],
    ['lists no files', { ...MANIFEST, files: undefined }, 'it has no files'],
    ['lists a file elsewhere', { ...MANIFEST, files: { '../config.json': SHA256_OF_X } }, 'outside of its folder'],
    ['lists a file elsewhere on Windows', { ...MANIFEST, files: { 'a\\b': SHA256_OF_X } }, 'outside of its folder'],
    ['lists the folder above', { ...MANIFEST, files: { '..': SHA256_OF_X } }, 'outside of its folder'],
    ['has a hash that is none', { ...MANIFEST, files: { 'config.json': 'abc' } }, 'config.json has no SHA-256'],
  ])('refuses one that %s', (_, manifest, message) => {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    let thrown: unknown;
    try {
      parseManifest(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'BAD_MANIFEST', message: expect.stringContaining(message) });
  });
});

describe('verifyFiles', () => {
  const files = { 'config.json': 'x', 'model.safetensors': 'x', 'vocab.txt': 'x' };
  const manifest = parseManifest(
    JSON.stringify({ ...MANIFEST, files: Object.fromEntries(Object.keys(files).map((file) => [file, SHA256_OF_X])) }),
  );

  it('finds nothing where all is as it was, whatever else lies beside', async () => {
    expect(await verifyFiles(folderOf({ ...files, 'README.md': '', '.DS_Store': '' }), manifest)).toEqual([]);
  });

  it('finds what is gone, what is other, and what would be used in its place', async () => {
    const folder = folderOf({ ...files, 'model.safetensors': 'y', 'tokenizer.json': '{}' });
    rmSync(path.join(folder, 'config.json'));
    expect(await verifyFiles(folder, manifest)).toEqual([
      { file: 'config.json', kind: 'missing' },
      { file: 'model.safetensors', kind: 'changed' },
      { file: 'tokenizer.json', kind: 'unlisted' },
    ]);
  });

  it('can be cancelled', async () => {
    await expect(verifyFiles(folderOf(files), manifest, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
