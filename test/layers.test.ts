import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly { path: string; external?: boolean }[] }>>;
}

/** Which layers a layer may import from, itself apart. Dependencies point one way: core <- node layers <- editor, cli. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  checkpoint: ['core'],
  tokenizer: ['core'],
  files: ['core'],
  download: ['core', 'checkpoint'],
  onnx: ['core', 'checkpoint'],
  models: ['core', 'checkpoint', 'tokenizer', 'onnx'],
  inference: ['core', 'checkpoint', 'tokenizer', 'onnx', 'models'],
  training: ['core', 'checkpoint', 'tokenizer', 'onnx', 'models', 'inference', 'download'],
  jobs: ['core', 'models', 'inference', 'download', 'training'],
  editor: ['core', 'files', 'models', 'inference', 'jobs', 'training'],
  cli: ['core', 'files', 'download', 'tokenizer', 'models', 'inference', 'training'],
};

/** What a layer may use from outside of src, by prefix. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  core: ['csv-stringify/sync'],
  checkpoint: ['node:', 'h5wasm'],
  tokenizer: ['node:', '@huggingface/tokenizers'],
  files: ['node:', 'iconv-lite'],
  download: ['node:', '@huggingface/hub', 'undici'],
  onnx: [],
  models: ['node:'],
  inference: ['node:', 'onnxruntime-node'],
  training: ['node:', 'onnxruntime-node', '@tensorflow/', 'tar', 'yauzl'],
  jobs: ['node:'],
  editor: ['node:', 'vscode'],
  cli: ['node:'],
};

const layerOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1];
const metafiles = existsSync('dist/meta') ? readdirSync('dist/meta') : [];
/** Bundles of src. */
const ours = metafiles.filter((name) => !['h5wasm.json', 'trainingPanel.json'].includes(name));
const load = (name: string) => JSON.parse(readFileSync(`dist/meta/${name}`, 'utf8')) as Metafile;

/** Imports as they are written, of every source file: the metafile leaves out what only has types. */
function sourceImports(): [file: string, target: string][] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(`src/${name}`, 'utf8');
      const targets = [...text.matchAll(/^(?:import|export)[^'"]*?from '([^']+)'|^import '([^']+)'/gm)];
      return targets.map((match): [string, string] => [`src/${name}`, match[1] ?? match[2] ?? '']);
    });
}

describe('the layers of the source', () => {
  it('were built: npm test builds them first', () => {
    expect(metafiles.sort()).toEqual([
      'cli.json',
      'extension.json',
      'h5wasm.json',
      'inferenceWorker.json',
      'jobWorker.json',
      'tensorflow.json',
      'trainingPanel.json',
      'trainingWorker.json',
    ]);
  });

  it.each(ours)('point one way in the bundle %s', (name) => {
    const { inputs } = load(name);
    const wrong = Object.entries(inputs).flatMap(([file, { imports }]) =>
      imports.flatMap(({ path }) => {
        const [from, to] = [layerOf(file), layerOf(path)];
        return from && to && from !== to && !MAY_IMPORT[from]?.includes(to) ? [`${file} imports ${path}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
    expect(Object.keys(inputs).filter((file) => layerOf(file) !== undefined).length).toBeGreaterThan(5);
  });

  it('point one way in types too, and use from outside only what is theirs', () => {
    const wrong = sourceImports().filter(([file, target]) => {
      const from = layerOf(file) ?? '';
      if (!target.startsWith('.')) return !OUTSIDE[from]?.some((prefix) => target.startsWith(prefix));
      const to = layerOf(new URL(target, `file:///${file}`).pathname.slice(1)) ?? '';
      return from !== to && !MAY_IMPORT[from]?.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  it('let what a panel shows import the core and its chart alone', () => {
    const bundled = Object.keys(load('trainingPanel.json').inputs);
    expect(bundled.filter((file) => !/^(media\/training|src\/core|node_modules\/uplot)\//.test(file))).toEqual([]);
    const files = readdirSync('media/training').filter((name) => name.endsWith('.ts'));
    const imported = files.flatMap((name) =>
      [...readFileSync(`media/training/${name}`, 'utf8').matchAll(/^import[^'"]*?'([^']+)'/gm)].map(
        ([, path]) => path ?? '',
      ),
    );
    expect(imported.filter((path) => !/^(\.\/|\.\.\/\.\.\/src\/core\/|uplot)/.test(path))).toEqual([]);
    expect(imported.length).toBeGreaterThan(5);
  });

  it('keep clock and chance out of the core', () => {
    const files = readdirSync('src/core', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const impure = files.filter((name) =>
      /\bDate\b|Math\.random|performance\.now|\bprocess\.|globalThis/.test(readFileSync(`src/core/${name}`, 'utf8')),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(impure).toEqual([]);
  });

  it('keep ONNX Runtime, tokenizer and model loading out of the extension host', () => {
    const inputs = Object.keys(load('extension.json').inputs);
    const heavy = inputs.filter((file) =>
      /onnxruntime|@huggingface|src\/(onnx|tokenizer\/textTokenizer)|tfjs/.test(file),
    );
    expect(heavy).toEqual([]);
  });

  it('keep vscode out of everything but the extension', () => {
    const users = metafiles.filter((name) =>
      Object.values(load(name).inputs).some(({ imports }) => imports.some(({ path }) => path === 'vscode')),
    );
    expect(users).toEqual(['extension.json']);
  });
});
