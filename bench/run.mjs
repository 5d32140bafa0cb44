// `npm run bench`: bundles bench/*.bench.ts and runs them one after the other. Each compares with a peer in the same run,
// interleaved, and prints medians; `npm run bench -- csv` runs those whose name contains "csv", `bert-base` bertBase.bench.ts.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const here = import.meta.dirname;
const outdir = path.resolve(here, '../dist/bench');
const wanted = process.argv[2] ?? '';
const kebab = (name) => name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
const files = readdirSync(here, { recursive: true });
const names = files.filter((name) => name.endsWith('.bench.ts') && kebab(name).includes(wanted));
if (names.length === 0) {
  console.error(`No bench has a name with "${wanted}" in it.`);
  process.exit(2);
}

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
await esbuild.build({
  // What a bench runs in a process of its own is a bundle too.
  entryPoints: [...names, ...files.filter((name) => name.endsWith('.child.ts'))].map((name) => path.join(here, name)),
  outdir,
  outbase: here,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['onnxruntime-node', '@huggingface/transformers'],
  plugins: [
    {
      name: 'built-tensorflow',
      setup: (build) =>
        build.onResolve({ filter: /\/tensorflowEngine\.ts$/ }, () => ({
          path: path.resolve(here, '../dist/tensorflow.js'),
          external: true,
        })),
    },
  ],
});
for (const name of names) {
  const { run } = await import(pathToFileURL(path.join(outdir, name.replace(/\.ts$/, '.cjs'))).href);
  await run();
}
