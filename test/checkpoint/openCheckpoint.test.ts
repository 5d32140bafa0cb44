import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/openCheckpoint.ts';
import { LocalBackend } from '../../src/inference/localBackend.ts';
import { describeModel } from '../../src/models/describeModel.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const FORMATS = path.resolve(import.meta.dirname, '../../../shared/data/tiny_models/formats');

interface GoldenCase {
  readonly text: string;
  readonly maxLength: number;
  readonly logits: readonly number[];
}

/** A folder with the files of the sample, its safetensors cut into two files with an index. */
async function sharded(): Promise<string> {
  const from = path.join(FORMATS, 'tiny_seriousness');
  const to = path.join(temporaryFolder(), 'sharded');
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name !== 'model.safetensors') writeFileSync(path.join(to, name), readFileSync(path.join(from, name)));
  }
  const bytes = readFileSync(path.join(from, 'model.safetensors'));
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { data_offsets: [number, number] }> = JSON.parse(
    bytes.toString('utf8', 8, 8 + headerLength),
  );
  delete header.__metadata__;
  const names = Object.keys(header);
  const weightMap: Record<string, string> = {};
  for (const [i, part] of [names.slice(0, 10), names.slice(10)].entries()) {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    let offset = 0;
    const pieces: Buffer[] = [];
    const entries = part.map((name) => {
      const entry = header[name] ?? { data_offsets: [0, 0] };
      const [begin, end] = entry.data_offsets;
      pieces.push(bytes.subarray(8 + headerLength + begin, 8 + headerLength + end));
      weightMap[name] = file;
      const moved = { ...entry, data_offsets: [offset, offset + end - begin] };
      offset += end - begin;
      return [name, moved];
    });
    const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(path.join(to, file), Buffer.concat([length, json, ...pieces]));
  }
  writeFileSync(path.join(to, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
  return to;
}

describe.skipIf(!existsSync(FORMATS))('openCheckpoint', () => {
  const { cases } = JSON.parse(
    existsSync(FORMATS) ? readFileSync(path.join(FORMATS, 'golden_logits.json'), 'utf8') : '{"cases":[]}',
  ) as { cases: readonly GoldenCase[] };

  it.each<[string, () => string | Promise<string>]>([
    ['safetensors', () => path.join(FORMATS, 'tiny_seriousness')],
    ['safetensors in several files', sharded],
    ['pytorch_model.bin, a zip archive', () => path.join(FORMATS, 'tiny_seriousness_bin_zip')],
    ['pytorch_model.bin, a legacy pickle', () => path.join(FORMATS, 'tiny_seriousness_bin_legacy')],
    ['tf_model.h5', () => path.join(FORMATS, 'tiny_seriousness_tf_h5')],
    ['model.onnx', () => path.join(FORMATS, 'tiny_seriousness_onnx')],
  ])('gives the same logits for %s', async (_, folder) => {
    const model = await describeModel(await folder());
    const cacheDirectory = temporaryFolder();
    for (const maxLength of new Set(cases.map((each) => each.maxLength))) {
      const backend = new LocalBackend({
        modelDirectory: model.directory,
        modelHash: model.hash,
        modelStamp: model.stamp,
        cacheDirectory,
        precision: 'fp32',
        maxLength,
        threads: 1,
      });
      const wanted = cases.filter((each) => each.maxLength === maxLength);
      let compared = 0;
      await backend.predict(
        wanted.map(({ text }) => text),
        {
          onResults: (results) => {
            for (const { index, logits } of results) {
              const golden = wanted[index]?.logits ?? [];
              const largest = Math.max(...golden.map((logit, i) => Math.abs((logits[i] ?? Number.NaN) - logit)));
              expect(largest).toBeLessThan(1e-4);
              compared++;
            }
          },
        },
      );
      expect(compared).toBe(wanted.length);
      await backend.dispose();
    }
  });

  it('says which files it reads where there is none of them', async () => {
    await expect(openCheckpoint(temporaryFolder())).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('model.safetensors.index.json, pytorch_model.bin, tf_model.h5, model.onnx'),
    });
  });
});
