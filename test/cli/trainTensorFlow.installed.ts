import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../../src/cli/cacheDirectory.ts';
import { requireTensorFlow } from '../../src/training/tensorflow/install/installation.ts';
import { trainingRecords } from '../support/trainingRecords.ts';
import { cliFolder } from './cliFolder.ts';
import { jsonLines, runCli, startCli } from './runCli.ts';

const cli = cliFolder();
const file = cli.write(
  'records.csv',
  `ID,Seriousness,Narrative\n${trainingRecords(60)
    .map(({ text, label }, id) => `${id},${label},${text}`)
    .join('\n')}\n`,
);
const base = path.resolve('test/fixtures/architectures/bert');
const options = ['--base', base, '--threads', '2', '--learning-rate', '1e-3', '--json'];
const args = (output: string, ...more: string[]) => ['train', file, '--output', cli.path(output), ...options, ...more];
const weights = (name: string) => readFileSync(path.join(cli.path(name), 'model.safetensors'));

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

beforeAll(async () => {
  const { folder } = await requireTensorFlow(cacheDirectory());
  mkdirSync(cli.cache, { recursive: true });
  symlinkSync(folder, path.join(cli.cache, 'tensorflow'));
});

describe('train on TensorFlow', () => {
  it('takes it where it is installed, says so, and gives the same weights for the same seed', {
    timeout: 120_000,
  }, async () => {
    const first = await cli.run(args('first', '--epochs', '2'));
    expect(first.status).toBe(0);
    // The library writes nothing of its own.
    expect(first.stderr).toMatch(/^records\.csv: .*\n48 records .*; tensorflow, 2 threads; .*\n$/);
    const lines = jsonLines<Line>(first.stdout);
    expect(lines.find(({ type }) => type === 'start')).toMatchObject({
      engine: 'tensorflow',
      versions: { libtensorflow: expect.stringMatching(/^2\./) },
    });
    expect((await cli.run(args('second', '--epochs', '2', '--engine', 'tensorflow'))).status).toBe(0);
    expect(weights('second').equals(weights('first'))).toBe(true);
    const manifest = JSON.parse(readFileSync(path.join(cli.path('first'), 'caselight.json'), 'utf8'));
    expect(manifest.engine).toMatchObject({ name: 'tensorflow' });
  });

  it.each(['head', 'last-1', 'full'])('agrees with ONNX Runtime: %s', { timeout: 120_000 }, async (scope) => {
    const losses: number[][] = [];
    for (const engine of ['tensorflow', 'onnxruntime']) {
      const run = await cli.run(args(`${scope}-${engine}`, '--epochs', '3', '--scope', scope, '--engine', engine));
      const epochs = jsonLines<Line>(run.stdout).filter(({ type }) => type === 'epoch');
      losses.push(epochs.flatMap(({ trainLoss, validationLoss }) => [Number(trainLoss), Number(validationLoss)]));
    }
    const [tensorflow = [], onnxruntime = []] = losses;
    expect(tensorflow).toHaveLength(6);
    for (const [index, loss] of tensorflow.entries()) expect(loss).toBeCloseTo(onnxruntime[index] ?? Number.NaN, 3);
  });

  it('goes on after a kill -9, to the same weights', { timeout: 120_000 }, async () => {
    expect((await cli.run(args('whole', '--epochs', '5'))).status).toBe(0);
    const child = startCli(args('killed', '--epochs', '5'), cli.cache);
    child.stdout.on('data', (data: Buffer) => {
      if (/"type":"epoch"/.test(data.toString())) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('exit', resolve));
    const again = await cli.run(args('killed', '--epochs', '5'));
    expect(again.status).toBe(0);
    expect(again.stdout.toString()).toMatch(/"resumedFrom":[1-9]/);
    expect(weights('killed').equals(weights('whole'))).toBe(true);
  });

  it('ends with a sentence where the library cannot be loaded', async () => {
    const cache = cli.path('broken');
    const folder = path.join(cache, 'tensorflow');
    mkdirSync(folder, { recursive: true });
    const files = ['libtensorflow.so.2', 'libtensorflow_framework.so.2'].map((name) => {
      writeFileSync(path.join(folder, name), 'no library');
      return { name, sizeBytes: 10, sha256: '0'.repeat(64) };
    });
    const [archiveSha256, installedAt] = ['0'.repeat(64), '2026-01-01T00:00:00Z'];
    const record = { formatVersion: 1, version: '2.9.1', source: 'test', archiveSha256, files, installedAt };
    writeFileSync(path.join(folder, 'installation.json'), JSON.stringify(record));
    const { status, stderr } = await runCli(args('none', '--engine', 'tensorflow'), { cache });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error\[ENGINE_NOT_INSTALLED\]: TensorFlow could not be loaded: install the TensorFlow/m);
    expect(stderr).not.toContain('defect');
    const auto = await runCli(args('auto', '--epochs', '1'), { cache });
    expect(auto.status).toBe(0);
    expect(auto.stdout.toString()).toMatch(
      /ONNX Runtime trains in place of TensorFlow\. TensorFlow could not be loaded/,
    );
  });
});
