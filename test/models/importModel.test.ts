import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import { writeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts';
import { proveModel } from '../../src/inference/proveModel.ts';
import { type ImportOptions, importModel } from '../../src/models/importModel.ts';
import { readManifest, verifyFiles } from '../../src/models/manifest.ts';
import { newProcessToken } from '../../src/models/registry/processToken.ts';
import { CONFIG, LABELS, writeTinyModel } from '../cli/tinyModel.ts';
import { formatsFolder, goldenDifference, hasFormats } from '../support/goldenLogits.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { fixturePath } from '../tokenizer/oracle.ts';

/** A folder with a checkpoint `source` in it, and nothing else. */
function workplace(change: (source: string) => void | Promise<void> = () => {}) {
  const folder = temporaryFolder();
  const source = writeTinyModel(path.join(folder, 'source'));
  const destination = path.join(folder, 'model');
  return {
    folder,
    source,
    destination,
    /** Imports the checkpoint after it was changed. */
    async run(options: Partial<ImportOptions & { destination: string }> = {}) {
      await change(source);
      return importModel({ source, destination, ...options });
    },
    file: (name: string) => path.join(destination, name),
    json: (name: string) => JSON.parse(readFileSync(path.join(destination, name), 'utf8')) as Record<string, unknown>,
  };
}

const writeConfig = (change: object) => (source: string) =>
  writeFileSync(path.join(source, 'config.json'), JSON.stringify({ ...CONFIG, ...change }));

/** Takes the classifier, and the pooler, out of a checkpoint. */
async function behead(source: string, parts = ['classifier.']): Promise<void> {
  const file = path.join(source, 'model.safetensors');
  const whole = await SafetensorsFile.open(file);
  const names = whole.names().filter((name) => !parts.some((part) => name.includes(part)));
  const rest = {
    fileName: whole.fileName,
    names: () => names,
    shape: (name: string) => whole.shape(name),
    dtype: (name: string) => whole.dtype(name),
    read: (name: string) => whole.read(name),
    close: () => whole.close(),
  };
  await writeSafetensors(`${file}.new`, rest);
  await rest.close();
  renameSync(`${file}.new`, file);
}

async function opened(directory: string): Promise<SafetensorsFile> {
  const tensors = await SafetensorsFile.open(path.join(directory, 'model.safetensors'));
  onTestFinished(() => tensors.close());
  return tensors;
}

describe('importModel', () => {
  it('writes a model directory of the contract, with where it comes from', async () => {
    const place = workplace();
    const { manifest, summary } = await place.run();
    expect(readdirSync(place.folder).sort()).toEqual(['model', 'source']);
    expect(readdirSync(place.destination).sort()).toEqual([
      'caselight.json',
      'config.json',
      'model.safetensors',
      'tokenizer_config.json',
      'vocab.txt',
    ]);
    expect(await readManifest(place.destination)).toEqual(manifest);
    expect(await verifyFiles(place.destination, manifest)).toEqual([]);
    expect(manifest).toEqual({
      schemaVersion: 1,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      name: 'model',
      parent: { name: 'source' },
      origin: {
        format: 'model.safetensors',
        files: { 'model.safetensors': expect.stringMatching(/^[0-9a-f]{64}$/) },
        freshTensors: [],
        labels: LABELS,
      },
      files: expect.any(Object),
    });
    expect(summary).toEqual({
      architecture: 'BERT',
      layerCount: 2,
      hiddenSize: 16,
      headCount: 2,
      vocabSize: 305,
      maxPositions: 64,
      parameterCount: 10_739,
      format: 'model.safetensors',
      dataTypes: ['F32'],
      sizeBytes: 42_956,
      labels: LABELS,
      head: 'present',
      freshTensors: [],
      unusedTensorCount: 0,
      notes: [expect.stringContaining('it has capital letters, so texts keep theirs')],
    });
  });

  it('keeps what config.json says and completes it for Python', async () => {
    const place = workplace(
      writeConfig({ model_type: undefined, initializer_range: 0.3, torch_dtype: 'bfloat16', num_labels: 3, new: [1] }),
    );
    await place.run();
    const { model_type: _, ...kept } = CONFIG;
    expect(place.json('config.json')).toEqual({
      ...kept,
      initializer_range: 0.3,
      new: [1],
      architectures: ['BertForSequenceClassification'],
      model_type: 'bert',
      label2id: { [LABELS[0] ?? '']: 0, [LABELS[1] ?? '']: 1, [LABELS[2] ?? '']: 2 },
      dtype: 'float32',
      torch_dtype: 'float32',
    });
  });

  it.each<[string, string, string[], object]>([
    ['a cased vocabulary alone', 'vocab.cased.txt', [], { do_lower_case: false }],
    ['an uncased vocabulary alone', 'vocab.uncased.txt', [], { do_lower_case: true }],
    [
      'what was said already',
      'vocab.cased.txt',
      ['{"do_lower_case": true, "model_max_length": 64}'],
      { do_lower_case: true, model_max_length: 64 },
    ],
    [
      'a tokenizer_config.json that leaves it open',
      'vocab.cased.txt',
      ['{"model_max_length": 64}'],
      { do_lower_case: false, model_max_length: 64 },
    ],
  ])('tells Python whether to lower-case: %s', async (_, vocabulary, [config], expected) => {
    const place = workplace((source) => {
      copyFileSync(fixturePath(vocabulary), path.join(source, 'vocab.txt'));
      if (config !== undefined) writeFileSync(path.join(source, 'tokenizer_config.json'), config);
    });
    await place.run();
    expect(place.json('tokenizer_config.json')).toEqual(expected);
    expect(readFileSync(place.file('vocab.txt'))).toEqual(readFileSync(path.join(place.source, 'vocab.txt')));
  });

  it.runIf(hasFormats)('tells Python what tokenizer.json says of lower-casing', async () => {
    const place = workplace((source) => {
      rmSync(source, { recursive: true });
      cpSync(path.join(formatsFolder, 'tiny_seriousness'), source, { recursive: true });
      rmSync(path.join(source, 'tokenizer_config.json'));
    });
    await place.run();
    expect(place.json('tokenizer_config.json')).toEqual({
      do_lower_case: false,
      strip_accents: null,
      tokenize_chinese_chars: true,
    });
    expect(existsSync(place.file('special_tokens_map.json'))).toBe(true);
  });

  it.runIf(hasFormats).each([
    ['tiny_seriousness', 0],
    ['tiny_seriousness_bin_zip', 0],
    // What pre-training needed, which the sample keeps on purpose.
    ['tiny_seriousness_bin_legacy', 3],
    ['tiny_seriousness_tf_h5', 0],
    ['tiny_seriousness_onnx', 0],
  ])('gives the logits that Python gave for %s', async (folder, unusedTensorCount) => {
    const place = workplace();
    const { summary } = await place.run({ source: path.join(formatsFolder, folder) });
    expect(summary).toMatchObject({ head: 'present', labels: ['D/LT', 'Non-serious', 'Serious'], unusedTensorCount });
    expect(await goldenDifference(await opened(place.destination), folder)).toBeLessThan(1e-4);
  });

  it.runIf(hasFormats)('keeps half precision', async () => {
    const place = workplace();
    const { summary } = await place.run({ source: path.join(formatsFolder, 'tiny_seriousness_base_fp16') });
    expect([summary.dataTypes, summary.head]).toEqual([['F16'], 'fresh']);
    const tensors = await opened(place.destination);
    expect(new Set(tensors.names().map((name) => tensors.dtype(name)))).toEqual(new Set(['F16']));
  });

  it('proves the finished model before it is there under its name', async () => {
    const place = workplace();
    const proved: string[] = [];
    await place.run({
      prove: async (directory) => {
        expect(existsSync(place.destination)).toBe(false);
        await proveModel(directory, { cacheDirectory: temporaryFolder(), threads: 1 });
        proved.push(...readdirSync(directory));
      },
    });
    expect(proved.sort()).toEqual(readdirSync(place.destination).sort());
  });

  it('imports a model of its own again, with what is known of its training', async () => {
    const place = workplace();
    await place.run({ name: 'first' });
    const known = {
      parent: { name: 'base', license: 'MIT' },
      data: { records: 7 },
      hyperParameters: { epochs: 3 },
      engine: { name: 'tensorflow' },
      metrics: { macroF1: 0.5 },
    };
    writeFileSync(place.file('caselight.json'), JSON.stringify({ ...place.json('caselight.json'), ...known }));
    const again = path.join(place.folder, 'again');
    const { manifest } = await importModel({ source: place.destination, destination: again });
    const { parent: _, ...training } = known;
    expect(manifest).toMatchObject({ name: 'again', parent: { name: 'first', license: 'MIT' }, ...training });
    for (const file of ['config.json', 'model.safetensors', 'vocab.txt', 'tokenizer_config.json']) {
      expect(readFileSync(path.join(again, file))).toEqual(readFileSync(place.file(file)));
    }
  });

  it('records where the checkpoint was downloaded from', async () => {
    const download = { repo: 'owner/name', commit: 'a1b2', endpoint: 'https://hub.example' };
    const place = workplace((source) =>
      writeFileSync(path.join(source, 'caselight-download.json'), JSON.stringify({ ...download, files: [] })),
    );
    const { manifest } = await place.run();
    expect(manifest).toMatchObject({ parent: { name: 'owner/name' }, origin: { download } });
    expect(existsSync(place.file('caselight-download.json'))).toBe(false);
  });

  it('imports a checkpoint whose record of its download is damaged', async () => {
    const place = workplace((source) => writeFileSync(path.join(source, 'caselight-download.json'), '{"repo": 7}'));
    expect((await place.run()).manifest.origin).not.toHaveProperty('download');
  });

  it('reports how many bytes are written', async () => {
    const steps: [number, number][] = [];
    await workplace().run({ onProgress: (done, total) => steps.push([done, total]) });
    const [done, total] = steps.at(-1) ?? [];
    expect(done).toBe(total);
    expect(steps.map(([bytes]) => bytes)).toEqual(steps.map(([bytes]) => bytes).sort((a, b) => a - b));
  });
});

describe('labels of an import', () => {
  it('name the outputs of a head that is there', async () => {
    const place = workplace();
    const { summary, manifest } = await place.run({ labels: ['x', 'a', 'm'] });
    expect(summary.labels).toEqual(['x', 'a', 'm']);
    expect(manifest.origin?.labels).toEqual(['x', 'a', 'm']);
    expect(parseBertConfig(readFileSync(place.file('config.json'), 'utf8')).labels).toEqual(['x', 'a', 'm']);
    expect(place.json('config.json').label2id).toEqual({ x: 0, a: 1, m: 2 });
  });

  it('help where config.json does not say how many the head has', async () => {
    const place = workplace(writeConfig({ id2label: undefined }));
    await expect(place.run()).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    expect((await place.run({ labels: ['x', 'a', 'm'] })).summary.head).toBe('present');
  });

  it('decide how many outputs a fresh head gets, which is said aloud', async () => {
    const place = workplace(behead);
    const { summary, manifest } = await place.run({ labels: ['a', 'b', 'c', 'd', 'e'] });
    expect((await opened(place.destination)).shape('classifier.weight')).toEqual([5, 16]);
    expect(summary).toMatchObject({ head: 'fresh', freshTensors: ['classifier.weight', 'classifier.bias'] });
    expect(summary.notes[0]).toBe(
      'The checkpoint has no classification head: a fresh one was made (seed 42); train the model before you trust a prediction.',
    );
    expect(manifest.origin).toMatchObject({ freshTensors: ['classifier.weight', 'classifier.bias'], seed: 42 });
  });

  it('and the seed decide a fresh head', async () => {
    const head = async (seed: number) => {
      const place = workplace((source) => behead(source, ['classifier.', 'pooler.']));
      await place.run({ labels: ['a', 'b'], seed });
      return [...(await (await opened(place.destination)).read('classifier.weight'))];
    };
    const [one, same, other] = [await head(1), await head(1), await head(2)];
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('are asked for where they have no names', async () => {
    const { summary } = await workplace(writeConfig({ id2label: undefined, num_labels: 3 })).run();
    expect(summary.notes).toContainEqual(
      expect.stringMatching(/^The labels have no names \(LABEL_0, LABEL_1, LABEL_2\): .* --labels A,B\.$/),
    );
  });

  it.each<[string, readonly string[], string]>([
    ['are more than the head has', ['a', 'b', 'c', 'd'], 'for 3 labels, and 4 were given: give 3'],
    ['are fewer than the head has', ['a', 'b'], 'for 3 labels, and 2 were given: give 3'],
    ['is one', ['a'], 'at least two'],
    ['are the same', ['a', 'b', 'a'], 'there twice'],
    ['are empty', ['a', ' ', 'c'], 'one of them is empty'],
  ])('are refused where they %s', async (_, labels, message) => {
    const place = workplace();
    await expect(place.run({ labels })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(place.folder)).toEqual(['source']);
  });
});

describe('an import that is refused', () => {
  it.each<[string, (source: string) => void, string, string]>([
    [
      'there is no folder',
      (source) => rmSync(source, { recursive: true }),
      'MODEL_NOT_FOUND',
      'There is no folder source',
    ],
    [
      'it is a file',
      (source) => {
        rmSync(source, { recursive: true });
        writeFileSync(source, '');
      },
      'MODEL_NOT_FOUND',
      'source is a file: name the folder',
    ],
    ['there is no config.json', (source) => rmSync(path.join(source, 'config.json')), 'MODEL_NOT_FOUND', 'config.json'],
    [
      'there are no weights',
      (source) => rmSync(path.join(source, 'model.safetensors')),
      'MODEL_NOT_FOUND',
      'none of the weight files',
    ],
    ['there is no vocabulary', (source) => rmSync(path.join(source, 'vocab.txt')), 'MODEL_NOT_FOUND', 'vocab.txt'],
    ['it is no encoder', writeConfig({ model_type: 'gpt2' }), 'UNSUPPORTED_MODEL', 'gpt2'],
    ['the shapes are others', writeConfig({ intermediate_size: 48 }), 'BAD_CHECKPOINT', 'from different models'],
    ['the vocabulary is too large', writeConfig({ vocab_size: 300 }), 'BAD_TOKENIZER', 'vocab_size 300'],
    [
      'the weights are cut off',
      (source) => truncateSync(path.join(source, 'model.safetensors'), 9_000),
      'BAD_CHECKPOINT',
      'model.safetensors',
    ],
    [
      'its manifest is damaged',
      (source) => writeFileSync(path.join(source, 'caselight.json'), '{'),
      'BAD_MANIFEST',
      'caselight.json cannot be right',
    ],
  ])('leaves nothing: %s', async (_, change, code, message) => {
    const place = workplace(change);
    await expect(place.run()).rejects.toMatchObject({
      name: 'UserError',
      code,
      message: expect.stringContaining(message),
    });
    expect(existsSync(place.destination)).toBe(false);
    expect(readdirSync(place.folder).filter((name) => name !== 'source')).toEqual([]);
  });

  it('says that the vocabulary was saved in the wrong encoding', async () => {
    const place = workplace((source) => {
      const vocabulary = readFileSync(fixturePath('vocab.cased.txt'));
      writeFileSync(path.join(source, 'vocab.txt'), vocabulary.toString('latin1'), 'utf8');
    });
    await expect(place.run()).rejects.toMatchObject({ code: 'BAD_TOKENIZER', message: /wrong encoding/ });
  });

  it('does not write over its source', async () => {
    const place = workplace();
    const destination = path.join(place.folder, 'x', '..', 'source');
    await expect(place.run({ destination })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: 'The model would overwrite the checkpoint: choose another folder for it.',
    });
    expect(readdirSync(place.source).sort()).toEqual(['config.json', 'model.safetensors', 'vocab.txt']);
  });
});

describe('an import that does not finish', () => {
  it.each<[string, (abort: AbortController) => Partial<ImportOptions>]>([
    [
      'before it begins',
      (abort) => {
        abort.abort();
        return {};
      },
    ],
    ['while it writes', (abort) => ({ onProgress: () => abort.abort() })],
    ['while it is proved', (abort) => ({ prove: async () => abort.abort() })],
  ])('leaves nothing when it is cancelled %s', async (_, hooks) => {
    const place = workplace();
    const abort = new AbortController();
    await expect(place.run({ signal: abort.signal, ...hooks(abort) })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(place.folder)).toEqual(['source']);
  });

  it('leaves nothing when the proof fails, and passes the reason on', async () => {
    const place = workplace();
    const reason = new Error('no numbers');
    await expect(place.run({ prove: () => Promise.reject(reason) })).rejects.toBe(reason);
    expect(readdirSync(place.folder)).toEqual(['source']);
  });

  it('has its leftovers removed by a later one when it was killed', async () => {
    const place = workplace();
    const working = `.caselight-making-${newProcessToken()}`;
    const killed = working.replace(`-${process.pid}-`, '-1999999999-');
    for (const name of [killed, working]) mkdirSync(path.join(place.folder, name, 'new'), { recursive: true });
    await place.run();
    expect(readdirSync(place.folder).sort()).toEqual([working, 'model', 'source']);
  });
});
