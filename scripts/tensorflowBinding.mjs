// Builds dist/tfjs_binding.node, what TensorFlow.js for Node talks to libtensorflow through, from its sources in
// @tensorflow/tfjs-node, the headers of libtensorflow's C API beside the engine, and those of Node-API. Node-API and the C API
// are stable: one build serves every Node and every libtensorflow 2.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The only platform for which it is built: the one for which TensorFlow still publishes what it needs. */
export const BINDING_TARGET = 'linux-x64';

const SOURCES = 'node_modules/@tensorflow/tfjs-node/binding';
const OWN = 'src/training/tensorflow/binding';

/** Builds the binding on a machine of BINDING_TARGET, which takes g++ and some seconds. */
export function buildBinding(output = 'dist/tfjs_binding.node') {
  const scratch = mkdtempSync(path.join(tmpdir(), 'caselight-binding-'));
  try {
    // The library itself is not here: an empty one of its name tells the loader what to look for beside the binding.
    const stub = path.join(scratch, 'libtensorflow.so.2');
    execFileSync('g++', ['-shared', '-o', stub, '-Wl,-soname,libtensorflow.so.2', '-x', 'c', '/dev/null']);
    mkdirSync(path.dirname(output), { recursive: true });
    execFileSync(
      'g++',
      [
        ...['-O2', '-shared', '-fPIC', '-std=c++17', '-DNAPI_VERSION=8', '-w', '-s'],
        ...['-I', 'node_modules/node-api-headers/include', '-I', path.join(OWN, 'include')],
        ...[path.join(SOURCES, 'tfjs_backend.cc'), path.join(SOURCES, 'tfjs_binding.cc')],
        path.join(OWN, 'signals.cc'),
        ...['-o', output, '-static-libstdc++', '-static-libgcc'],
        // All symbols at once: a library that lacks one is an error that can be told, not the end of the process.
        ...['-Wl,--no-as-needed', stub, '-Wl,-z,now', '-Wl,-rpath,$ORIGIN'],
      ],
      { stdio: 'inherit' },
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) buildBinding();
