import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { biobertFiles, HUB_CONFIG, large, startHub, weightBytes } from '../support/hubModel.ts';
import { prepareDownload } from './startDownload.ts';

const weights = weightBytes(300_000);
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

describe('a download', () => {
  it('brings configuration, tokenizer, model card and one format of weights, and a record of where they come from', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const { destination, run, progress } = prepareDownload(hub);
    const summary = await run();
    const names = [
      'README.md',
      'caselight-download.json',
      'config.json',
      'pytorch_model.bin',
      'tokenizer_config.json',
      'vocab.txt',
    ];
    expect(readdirSync(destination).sort()).toEqual(names);
    expect(readFileSync(`${destination}/pytorch_model.bin`).equals(weights)).toBe(true);
    expect(existsSync(`${destination}.partial`)).toBe(false);
    const record = JSON.parse(readFileSync(`${destination}/caselight-download.json`, 'utf8'));
    expect(record).toEqual({
      schemaVersion: 1,
      repo: 'dmis-lab/biobert-base-cased-v1.1',
      revision: 'main',
      commit: hub.commit,
      endpoint: hub.endpoint,
      downloaded: '2026-01-02T00:00:00.000Z',
      files: expect.arrayContaining([
        { name: 'pytorch_model.bin', path: 'pytorch_model.bin', sizeBytes: 300_000, sha256: sha256(weights) },
        { name: 'config.json', path: 'config.json', sizeBytes: HUB_CONFIG.length, sha256: sha256(HUB_CONFIG) },
      ]),
    });
    expect(record.files).toHaveLength(5);
    expect(summary).toMatchObject({ commit: hub.commit, files: record.files, resumedBytes: 0, isClassifier: false });
    const { totalBytes } = summary;
    expect(progress.at(-1)).toEqual({
      file: 'pytorch_model.bin',
      fileIndex: 4,
      fileCount: 5,
      receivedBytes: totalBytes,
      totalBytes,
    });
    const received = progress.map(({ receivedBytes }) => receivedBytes);
    expect(received).toEqual([...received].sort((a, b) => a - b));
  });

  it('takes every file from the commit that the revision names when it begins', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    await prepareDownload(hub).run();
    const resolved = hub.requests.filter(({ url }) => url.includes('/resolve/'));
    expect(resolved).toHaveLength(5);
    for (const { url } of resolved) expect(url).toContain(`/resolve/${hub.commit}/`);
  });

  it.each([
    ['a branch', { revision: 'main' }],
    ['a commit', { revision: '924f12e0c3db7f156a765ad53fb6b11e7afedbc8' }],
  ])('takes %s as the revision', async (_, change) => {
    const hub = await startHub({ files: biobertFiles(weights) });
    expect((await prepareDownload(hub).run(change)).revision).toBe(change.revision);
  });

  it('knows a classifier from an encoder by its config.json', async () => {
    const config = HUB_CONFIG.replace('BertForMaskedLM', 'BertForSequenceClassification');
    const hub = await startHub({ files: { ...biobertFiles(weights), 'config.json': config } });
    expect((await prepareDownload(hub).run()).isClassifier).toBe(true);
  });

  it('reads listings that come in pages', async () => {
    const hub = await startHub({ files: biobertFiles(weights), pageSize: 2 });
    await prepareDownload(hub).run();
    expect(hub.requests.filter(({ url }) => url.includes('/tree/')).length).toBe(4);
  });

  it('takes the shards that the index of sharded weights names', async () => {
    const index = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } };
    const hub = await startHub({
      files: {
        ...biobertFiles(weights),
        'model.safetensors.index.json': JSON.stringify(index),
        'model-00001-of-00002.safetensors': large(weightBytes(1000, 2)),
        'model-00002-of-00002.safetensors': large(weightBytes(2000, 3)),
        'model-00003-of-00003.safetensors': large(weightBytes(3000, 4)),
      },
    });
    const { destination, run } = prepareDownload(hub);
    await run();
    expect(readdirSync(destination).filter((name) => name.startsWith('model') || name.startsWith('pytorch'))).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ]);
  });

  it('takes an ONNX model out of its folder, with the tensors beside it', async () => {
    const { 'pytorch_model.bin': _, ...others } = biobertFiles(weights);
    const onnx = {
      'onnx/model.onnx': large(weights),
      'onnx/model.onnx_data': large(weightBytes(5000, 5)),
      'onnx/model_q4.onnx': 'x',
    };
    const hub = await startHub({ files: { ...others, ...onnx } });
    const { destination, run } = prepareDownload(hub);
    const { files } = await run();
    expect(readdirSync(destination).filter((name) => name.includes('onnx'))).toEqual(['model.onnx', 'model.onnx_data']);
    expect(files).toContainEqual(expect.objectContaining({ name: 'model.onnx', path: 'onnx/model.onnx' }));
  });

  it('fills a folder that is there and empty', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const { destination, run } = prepareDownload(hub);
    mkdirSync(destination);
    await run();
    expect(readdirSync(destination)).toContain('config.json');
  });

  it('brings empty files', async () => {
    const hub = await startHub({ files: { ...biobertFiles(weights), 'merges.txt': '' } });
    const { destination, run } = prepareDownload(hub);
    await run();
    expect(readFileSync(`${destination}/merges.txt`, 'utf8')).toBe('');
  });

  it('works with a hub under a path', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    await expect(prepareDownload(hub).run({ endpoint: `${hub.endpoint}/mirror/` })).rejects.toMatchObject({
      code: 'HUB_REFUSED',
    });
    expect(hub.requests[0]?.url).toMatch(/^\/mirror\/api\/models\/dmis-lab/);
  });

  it('asks the hub that HF_ENDPOINT names', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const summary = await prepareDownload(hub).run({ endpoint: undefined }, { env: { HF_ENDPOINT: hub.endpoint } });
    expect(summary.endpoint).toBe(hub.endpoint);
  });
});

describe('a download is refused before anything large is fetched', () => {
  const { 'pytorch_model.bin': _, 'config.json': __, ...rest } = biobertFiles(weights);
  const bin = { 'pytorch_model.bin': large(weights) };
  const config = { 'config.json': HUB_CONFIG };

  it.each<[string, Parameters<typeof startHub>[0]['files'], string, string]>([
    [
      'has no weights that Caselight reads',
      { ...config, ...rest },
      'UNSUPPORTED_MODEL',
      'none of the weight files that Caselight reads, but config.json, .gitattributes, README.md, flax_model.msgpack',
    ],
    ['has no config.json', { ...rest, ...bin }, 'UNSUPPORTED_MODEL', 'no config.json'],
    [
      'is another kind of model',
      { ...rest, ...bin, 'config.json': '{"model_type":"gpt2"}' },
      'UNSUPPORTED_MODEL',
      'gpt2',
    ],
    ['has a config.json that is none', { ...rest, ...bin, 'config.json': '<html>' }, 'BAD_CONFIG', 'not JSON'],
    [
      'lacks a shard',
      { ...rest, ...config, 'model.safetensors.index.json': '{"weight_map":{"a":"model-00001-of-00001.safetensors"}}' },
      'UNSUPPORTED_MODEL',
      'lacks model-00001-of-00001.safetensors',
    ],
    [
      'has a shard outside of its folder',
      { ...rest, ...config, 'model.safetensors.index.json': '{"weight_map":{"a":"../x.safetensors"}}' },
      'BAD_CHECKPOINT',
      'no valid file',
    ],
    [
      'lists a name that leads out of its folder',
      { ...rest, ...config, ...bin, '../vocab.txt': 'x' },
      'HUB_FAILED',
      'leads out of its folder',
    ],
    [
      'lists an absolute name',
      { ...rest, ...config, ...bin, '/etc/passwd': 'x' },
      'HUB_FAILED',
      'leads out of its folder',
    ],
    [
      'lists a name with a backslash',
      { ...rest, ...config, ...bin, '..\\x': 'x' },
      'HUB_FAILED',
      'leads out of its folder',
    ],
  ])('where the repository %s', async (_, files, code, sentence) => {
    const hub = await startHub({ files });
    const { destination, run } = prepareDownload(hub);
    await expect(run()).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) });
    expect(hub.sentBytes('pytorch_model.bin')).toBe(0);
    expect([existsSync(destination), existsSync(`${destination}.partial`)]).toEqual([false, false]);
  });

  it('where the destination is not empty, without a request', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const { destination, run } = prepareDownload(hub);
    mkdirSync(destination);
    writeFileSync(`${destination}/mine.txt`, 'mine');
    await expect(run()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect([hub.requests.length, readdirSync(destination)]).toEqual([0, ['mine.txt']]);
  });

  it('where another process downloads to the same folder', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const { destination, run } = prepareDownload(hub);
    mkdirSync(`${destination}.partial`);
    writeFileSync(`${destination}.partial/lock`, String(process.pid));
    await expect(run()).rejects.toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('Another download'),
    });
    expect(hub.requests).toEqual([]);
  });

  it.each([
    ['repository', { repo: '../../etc' }],
    ['repository', { repo: 'https://huggingface.co/owner/name' }],
    ['revision', { revision: '../main' }],
    ['endpoint', { endpoint: 'ftp://hub' }],
    ['access token', { token: 'hf_a\nb' }],
  ])('where the %s cannot be one', async (what, change) => {
    const hub = await startHub({ files: biobertFiles(weights) });
    await expect(prepareDownload(hub).run(change)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringContaining(what),
    });
    expect(hub.requests).toEqual([]);
  });
});
