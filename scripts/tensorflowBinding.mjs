// Builds what TensorFlow.js for Node talks to libtensorflow through: dist/tfjs_binding.node, from its sources in
// @tensorflow/tfjs-node, and dist/tensorflow_addon.node, which loads the library before, and has Adam. The headers of libtensorflow's C API lie
// beside the engine. Node-API and the C API are stable: one build serves every Node and every libtensorflow 2.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The only platform for which it is built: the one for which TensorFlow still publishes what it needs. */
export const BINDING_TARGET = 'linux-x64';
/** In dist/. */
export const BINDING_FILES = ['tfjs_binding.node', 'tensorflow_addon.node'];

const SOURCES = 'node_modules/@tensorflow/tfjs-node/binding';
const OWN = 'src/training/tensorflow/binding';
const OWN_SOURCES = ['addon.cc', 'adam.cc', 'libraryLoader.cc'];
const COMMON = [
  ...['-O2', '-shared', '-fPIC', '-std=c++17', '-DNAPI_VERSION=8', '-w', '-s'],
  ...['-I', 'node_modules/node-api-headers/include', '-I', path.join(OWN, 'include')],
];

/** Whether this machine is one of BINDING_TARGET, and has g++. */
export function canBuildBinding() {
  if (`${process.platform}-${process.arch}` !== BINDING_TARGET) return false;
  return spawnSync('g++', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Builds both on a machine of BINDING_TARGET, which takes g++ and some seconds. */
export function buildBinding(folder = 'dist') {
  const [binding, addon] = BINDING_FILES.map((name) => path.join(folder, name));
  const scratch = mkdtempSync(path.join(tmpdir(), 'caselight-binding-'));
  const compile = (...more) => execFileSync('g++', [...COMMON, ...more], { stdio: 'inherit' });
  try {
    // The library itself is not here: an empty one of its name tells the system what to look for beside the binding.
    const stub = path.join(scratch, 'libtensorflow.so.2');
    execFileSync('g++', ['-shared', '-o', stub, '-Wl,-soname,libtensorflow.so.2', '-x', 'c', '/dev/null']);
    mkdirSync(folder, { recursive: true });
    compile(
      '-O3',
      '-fno-math-errno',
      '-o',
      addon,
      ...OWN_SOURCES.map((name) => path.join(OWN, name)),
      '-ldl',
      '-pthread',
    );
    compile(
      ...['-o', binding, path.join(SOURCES, 'tfjs_backend.cc'), path.join(SOURCES, 'tfjs_binding.cc')],
      // All symbols at once: a library that lacks one is an error that can be told, not the end of the process.
      ...['-Wl,--no-as-needed', stub, '-Wl,-z,now', '-Wl,-rpath,$ORIGIN'],
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) buildBinding();
