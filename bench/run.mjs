// `npm run bench`: bundles bench/*.bench.ts and runs them one after the other. Each compares with a peer in the same run,
// interleaved, and prints medians; `npm run bench -- csv` runs those whose name contains "csv".
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const here = import.meta.dirname;
const outdir = path.resolve(here, '../dist/bench');
const wanted = process.argv[2] ?? '';
const names = readdirSync(here).filter((name) => name.endsWith('.bench.ts') && name.includes(wanted));

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
await esbuild.build({
  entryPoints: names.map((name) => path.join(here, name)),
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['onnxruntime-node'],
});
for (const name of names) {
  const { run } = await import(pathToFileURL(path.join(outdir, name.replace(/\.ts$/, '.cjs'))).href);
  await run();
}
