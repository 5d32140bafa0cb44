// Builds every bundle of Caselight into dist/. `--watch` rebuilds on change; `--production` minifies for the .vsix.
// The metafile of each bundle is kept in dist/meta/: test/layers.test.ts holds the direction of dependencies against it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** One bundle a process: the editor never loads ONNX Runtime, and a worker never loads `vscode`. */
const bundles = [
  // Five megabytes of WebAssembly, wanted only for checkpoints of TensorFlow: the others load it when they need it.
  { name: 'h5wasm', entry: 'h5wasm', external: [] },
  // Wanted only where libtensorflow is installed. Its JavaScript is CommonJS; both names of TensorFlow.js are to be one copy.
  {
    name: 'tensorflow',
    entry: 'src/training/tensorflow/tensorflowEngine.ts',
    external: [],
    mainFields: ['main'],
    // Nothing is fetched: node-fetch, for tf.io, has a module that is there anyway in its place.
    alias: { '@tensorflow/tfjs': '@tensorflow/tfjs-core', 'node-fetch': 'node:module' },
  },
  { name: 'extension', entry: 'src/editor/extension.ts', external: ['vscode'] },
  { name: 'inferenceWorker', entry: 'src/inference/worker.ts', external: ['onnxruntime-node'] },
  { name: 'jobWorker', entry: 'src/jobs/worker.ts', external: ['onnxruntime-node'] },
  { name: 'trainingWorker', entry: 'src/jobs/trainingWorker.ts', external: ['onnxruntime-node'] },
  { name: 'trainingPanel', entry: 'media/training/panel.ts', external: [], browser: true },
  { name: 'cli', entry: 'src/cli/main.ts', external: ['onnxruntime-node'], banner: '#!/usr/bin/env node' },
];

mkdirSync('dist/meta', { recursive: true });
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** What most bundles load when they need it, from the bundle beside them. */
const besides = { h5wasm: './h5wasm.js', tensorflow: './tensorflow.js' };
const tensorflowBeside = {
  name: 'tensorflow-beside',
  setup: (build) =>
    build.onResolve({ filter: /\/tensorflowEngine\.ts$/ }, () => ({ path: besides.tensorflow, external: true })),
};

for (const { name, entry, external, banner, browser, mainFields, alias } of bundles) {
  const isBeside = name in besides;
  const context = await esbuild.context({
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    bundle: true,
    platform: browser ? 'browser' : 'node',
    // VS Code 1.100 shows its panels with Chromium 132.
    target: browser ? 'chrome132' : 'node20',
    format: browser ? 'iife' : 'cjs',
    // ES modules first: esbuild then drops what is not used and keeps one copy of each library.
    mainFields: mainFields ?? ['module', 'main'],
    external: [...external, ...(isBeside ? [] : [besides.h5wasm])],
    plugins: isBeside ? [] : [tensorflowBeside],
    // The hub's client needs xetchunk-wasm for uploads only, and esbuild cannot tell: a module that is there anyway takes its place.
    alias: alias ?? (isBeside ? {} : { h5wasm: besides.h5wasm, '@huggingface/xetchunk-wasm': 'node:module' }),
    minify: production,
    sourcemap: production ? false : 'linked',
    metafile: true,
    define: { CASELIGHT_VERSION: JSON.stringify(version) },
    logLevel: 'warning',
    ...(banner ? { banner: { js: banner } } : {}),
  });
  const { metafile } = await context.rebuild();
  writeFileSync(`dist/meta/${name}.json`, JSON.stringify(metafile));
  if (watch) await context.watch();
  else await context.dispose();
}
