import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import { contentHash, isVersionId, versionId } from '../../../src/models/registry/versionId.ts';

const HASH = '0123456789abcdef'.repeat(4);
const manifest = (files: Record<string, string>): ModelManifest => ({ schemaVersion: 1, name: 'x', files });

describe('the id of a version', () => {
  it.each([
    ['Seriousness, September', 'seriousness-september-01234567'],
    ['dmis-lab/biobert-base-cased-v1.1', 'dmis-lab-biobert-base-cased-v1-1-01234567'],
    ['Größe É', 'gro-e-e-01234567'],
    ['重大性', 'model-01234567'],
    ['../..', 'model-01234567'],
    ['con', 'con-01234567'],
    [`${'x'.repeat(39)} y`, `${'x'.repeat(39)}-01234567`],
  ])('of "%s" is %s', (name, id) => {
    expect(versionId(name, HASH, new Set())).toBe(id);
  });

  it('takes as much of the hash as it needs to be unique', () => {
    expect(versionId('a', HASH, new Set(['a-01234567', 'a-012345678']))).toBe('a-0123456789');
  });

  it('is a plain file name, and known as an id, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const id = versionId(name, HASH, new Set());
        expect(id).toMatch(/^[a-z0-9-]{10,60}$/);
        expect(isVersionId(id)).toBe(true);
      }),
    );
  });

  it.each(['node_modules', 'my-model', 'Model-01234567', '-01234567', 'a-0123456'])('is not %s', (name) => {
    expect(isVersionId(name)).toBe(false);
  });
});

describe('the hash of the content', () => {
  it('depends on the files, not on their order or the rest of the manifest', () => {
    const hash = contentHash(manifest({ a: '1', b: '2' }));
    expect(contentHash({ ...manifest({ b: '2', a: '1' }), name: 'y', created: '2026-01-01' })).toBe(hash);
    for (const other of [{ a: '2', b: '1' }, { a: '1' }, { a: '1', c: '2' }]) {
      expect(contentHash(manifest(other))).not.toBe(hash);
    }
  });
});
