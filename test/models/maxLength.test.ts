import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { effectiveMaxLength, tokenizerMaxLength } from '../../src/models/maxLength.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const config = {
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  vocab_size: 20,
  max_position_embeddings: 64,
};

describe('effectiveMaxLength', () => {
  it.each([
    [256, 512, 256],
    [512, 512, 512],
    [1_000, 512, 512],
    [2, 512, 2],
    [256, 1, 2],
  ])('of %i with %i positions is %i', (requested, maxPositions, expected) => {
    expect(effectiveMaxLength(requested, { maxPositions })).toBe(expected);
  });
});

describe('tokenizerMaxLength', () => {
  it('keeps to the positions of the model', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
    expect([await tokenizerMaxLength(folder, 256), await tokenizerMaxLength(folder, 16)]).toEqual([64, 16]);
  });

  it('is what was asked for where there is a tokenizer only', async () => {
    expect(await tokenizerMaxLength(temporaryFolder(), 10_000)).toBe(10_000);
  });

  it('says so when config.json is damaged', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'config.json'), '{"hidden_size":');
    await expect(tokenizerMaxLength(folder, 256)).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });
});
