// Makes a BERT-base of random weights in BioBERT's geometry and its old format: `node scripts/bert-base.mjs DIR` as BioBERT is
// published, with the heads of pre-training; `--label A --label B` with a classifier in their place.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { label: { type: 'string', multiple: true }, seed: { type: 'string', default: '42' } },
});
if (positionals.length !== 1) {
  console.error('Usage: node scripts/bert-base.mjs DIR [--label NAME]... [--seed N]');
  process.exit(2);
}
const outfile = path.resolve('dist/bench/checkpoint.cjs');
await esbuild.build({ entryPoints: ['bench/bertBase/checkpoint.ts'], outfile, bundle: true, platform: 'node' });
const { writeBertBase } = await import(pathToFileURL(outfile).href);
await writeBertBase(positionals[0], { labels: values.label, seed: Number(values.seed) });
