import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PytorchFile } from '../../../src/checkpoint/pytorch/pytorchFile.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { archiveMembers, smallContent } from './pytorchBytes.ts';
import { type ZipMember, zipBytes } from './zipBytes.ts';

const members = archiveMembers(smallContent);
const STORAGE = 'archive/data/7';

/** The members, with something changed of one. */
const withMember = (name: string, change: Partial<ZipMember>) =>
  members.map((member) => (member.name === name ? { ...member, ...change } : member));

async function openBytes(bytes: Uint8Array): Promise<PytorchFile> {
  const file = path.join(temporaryFolder(), 'pytorch_model.bin');
  writeFileSync(file, bytes);
  const source = await PytorchFile.open(file);
  onTestFinished(() => source.close());
  return source;
}

describe('an archive of torch.save', () => {
  it.each<[string, Uint8Array]>([
    ['as it is', zipBytes(members)],
    ['with a comment', zipBytes(members, { comment: 'saved on a Monday' })],
    ['with a comment that looks like its end', zipBytes(members, { comment: `PK\x05\x06${'\0'.repeat(30)}` })],
    ['without an order of bytes', zipBytes(members.filter(({ name }) => name !== 'archive/byteorder'))],
    ['in a folder of another name', zipBytes(members.map((m) => ({ ...m, name: m.name.replace('archive', 'größe') })))],
    ['with files that mean nothing here', zipBytes([...members, { name: 'archive/version', bytes: Buffer.from('3') }])],
    ['with sizes and offsets of 64 bits', zipBytes(members.map((member) => ({ ...member, wide: true })))],
    ['packed again with compression', zipBytes(members.map((member) => ({ ...member, deflate: true })))],
  ])('is read %s', async (_, bytes) => {
    const source = await openBytes(bytes);
    expect([...(await source.read('matrix'))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...(await source.read('transposed'))]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it.each<[string, Uint8Array, string]>([
    ['without a pickle', zipBytes(members.slice(1)), 'is an archive with 0 pickles in place of one'],
    [
      'with two pickles',
      zipBytes([...members, { name: 'b/data.pkl', bytes: Buffer.of(1) }]),
      'with 2 pickles in place of',
    ],
    ['without a storage', zipBytes(members.slice(0, 2)), 'its archive has no entry data/7'],
    ['with a storage twice', zipBytes([...members, ...members.slice(2)]), 'its archive holds an entry twice'],
    [
      'with an unknown order of bytes',
      zipBytes(withMember('archive/byteorder', { bytes: Buffer.from('middle') })),
      'does not tell the order of its bytes',
    ],
    [
      'with a long order of bytes',
      zipBytes(withMember('archive/byteorder', { bytes: Buffer.alloc(99) })),
      'has 99 bytes in byteorder',
    ],
    ['with more entries than it has', zipBytes(members, { entryCount: 4 }), 'its archive has 3 entries in place of 4'],
    ['that is encrypted', zipBytes(withMember(STORAGE, { claim: { flags: 1 } })), 'is encrypted'],
    [
      'of an unknown compression',
      zipBytes(withMember(STORAGE, { claim: { method: 93 } })),
      'a method that Caselight does not know (93)',
    ],
    [
      'whose header says another method',
      zipBytes(withMember(STORAGE, { claim: { method: 8 } })),
      'the entry archive/data/7 of its archive does not lie',
    ],
    [
      'whose entry is larger than its data',
      zipBytes(withMember(STORAGE, { claim: { size: 25 } })),
      'the entry archive/data/7 of its archive does not lie',
    ],
    [
      'whose entry points to another',
      zipBytes(withMember(STORAGE, { claim: { offset: 0 } })),
      'the entry archive/data/7 of its archive does not lie',
    ],
    [
      'whose entry points beyond the file',
      zipBytes(withMember(STORAGE, { claim: { offset: 2 ** 31 } })),
      'the entry archive/data/7 of its archive does not lie',
    ],
    [
      'whose wide entry points beyond all numbers',
      zipBytes(withMember(STORAGE, { wide: true, claim: { offset: 2 ** 60 } })),
      'the entry archive/data/7 of its archive does not lie',
    ],
    [
      'whose compressed pickle would be immense',
      zipBytes(withMember('archive/data.pkl', { deflate: true, bytes: Buffer.alloc(2 ** 26 + 1) })),
      'has 67108865 bytes in data.pkl',
    ],
    [
      'whose compressed pickle is longer than told',
      zipBytes(withMember('archive/data.pkl', { deflate: true, claim: { size: 50 } })),
      'a compressed part does not give 50 bytes',
    ],
    [
      'whose compressed pickle is shorter than told',
      zipBytes(withMember('archive/data.pkl', { deflate: true, claim: { size: 2000 } })),
      'bytes in place of 2000',
    ],
  ])('is refused %s', async (_, bytes, message) => {
    await expect(openBytes(bytes)).rejects.toMatchObject({
      name: 'UserError',
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining(message),
    });
  });

  it('is refused on reading where a compressed storage is damaged', async () => {
    const bytes = zipBytes(withMember(STORAGE, { deflate: true }));
    const at = bytes.indexOf(STORAGE) + STORAGE.length;
    bytes.fill(0xff, at, at + 4);
    const source = await openBytes(bytes);
    await expect(source.read('matrix')).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining('a compressed part does not give 24 bytes'),
    });
  });
});
