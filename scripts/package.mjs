// Makes out/caselight-TARGET-VERSION.vsix: `npm run package` for this machine, `npm run package -- --target win32-x64`
// for another. What goes in is listed here by name, so nothing slips in; test/package.test.ts holds the result.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { BINDING_FILES, BINDING_TARGET, buildBinding, canBuildBinding } from './tensorflowBinding.mjs';

/** Targets for which onnxruntime-node 1.30 ships a native library. */
const TARGETS = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'];

const TENSORFLOW_LICENSE = 'src/training/tensorflow/binding/include/LICENSE';

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: `${process.platform}-${process.arch}` },
    out: { type: 'string', default: 'out' },
    // For tests that have built already.
    'no-build': { type: 'boolean', default: false },
  },
});
const { target, out } = values;
if (!TARGETS.includes(target)) {
  console.error(`No ONNX Runtime for ${target}. Pass --target with one of: ${TARGETS.join(', ')}.`);
  process.exit(2);
}
const [platform, arch] = target.split('-');
const nativeFolder = `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}`;
if (!existsSync(nativeFolder)) {
  console.error(`${nativeFolder} is not there: run npm ci first.`);
  process.exit(1);
}

const included = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'media/icon.png',
  'media/view.svg',
  'dist/extension.js',
  'dist/inferenceWorker.js',
  'dist/jobWorker.js',
  'dist/trainingWorker.js',
  'dist/trainingPanel.js',
  'dist/trainingPanel.css',
  'dist/cli.js',
  'dist/h5wasm.js',
  'dist/tensorflow.js',
  'dist/THIRD_PARTY_NOTICES.txt',
  'models/default/**',
  'node_modules/onnxruntime-node/package.json',
  'node_modules/onnxruntime-node/dist/*.js',
  // DirectML serves GPUs; inference here runs on the processor.
  `${nativeFolder}/*onnxruntime*`,
  'node_modules/onnxruntime-common/package.json',
  'node_modules/onnxruntime-common/dist/cjs/**/*.js',
  'node_modules/onnxruntime-common/dist/cjs/package.json',
];

// Elsewhere, and in a package that is made without a compiler for its target, the engine onnxruntime trains alone.
if (target === BINDING_TARGET) {
  if (canBuildBinding()) {
    buildBinding();
    included.push(...BINDING_FILES.map((name) => `dist/${name}`));
  } else {
    console.warn(`The package has no TensorFlow engine: that is built on ${BINDING_TARGET}, with g++.`);
  }
}
if (!values['no-build']) execFileSync(process.execPath, ['esbuild.mjs', '--production'], { stdio: 'inherit' });
writeNotices();
const scratch = mkdtempSync(join(tmpdir(), 'caselight-package-'));
const ignoreFile = join(scratch, 'vscodeignore');
writeFileSync(ignoreFile, ['**', ...included.map((pattern) => `!${pattern}`)].join('\n'));
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const packagePath = join(out, `caselight-${target}-${version}.vsix`);
mkdirSync(out, { recursive: true });
try {
  await createVSIX({ cwd: process.cwd(), packagePath, target, ignoreFile, allowMissingRepository: true });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The licences of the packages that are shipped, in the bundles or beside them. */
function writeNotices() {
  const shipped = [
    '@huggingface/hub',
    '@huggingface/tokenizers',
    '@tensorflow/tfjs-core',
    '@tensorflow/tfjs-node',
    'csv-stringify',
    'google-protobuf',
    'h5wasm',
    'iconv-lite',
    'minipass',
    'minizlib',
    'onnxruntime-common',
    'onnxruntime-node',
    'pend',
    'safer-buffer',
    'tar',
    'undici',
    'uplot',
    'yauzl',
  ];
  const notices = shipped.map((name) => {
    const folder = join('node_modules', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    // TensorFlow.js comes without the text of its licence, which is that of TensorFlow.
    const files = texts.length > 0 ? texts.map((file) => join(folder, file)) : [TENSORFLOW_LICENSE];
    const body = files.map((file) => readFileSync(file, 'utf8').trim()).join('\n\n');
    return `${name} ${manifest.version} (${manifest.license})\n\n${body}`;
  });
  writeFileSync('dist/THIRD_PARTY_NOTICES.txt', notices.join(`\n\n${'-'.repeat(80)}\n\n`));
}
