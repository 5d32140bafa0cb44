// `npm run demo`: labels samples/narratives.csv with the built-in model through the command line, and shows the result.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';

const sample = path.join('samples', 'narratives.csv');
const labelled = path.join('out', 'narratives.labelled.csv');
const caselight = (...args) =>
  execFileSync(process.execPath, ['dist/cli.js', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

mkdirSync('out', { recursive: true });
caselight('predict', sample, '--output', labelled);

const rows = parse(readFileSync(labelled), { columns: true });
console.log('\n  ID       label in file  prediction    confidence  narrative');
for (const { ID, Seriousness, predicted_label, confidence, Narrative } of rows) {
  const sign = predicted_label === Seriousness ? '✓' : '≠';
  const share = `${(Number(confidence) * 100).toFixed(1)} %`.padStart(7);
  const start = Narrative.replaceAll(/\s+/g, ' ').slice(0, 60);
  console.log(`${sign} ${ID}  ${Seriousness.padEnd(13)}  ${predicted_label.padEnd(12)}  ${share}     ${start}…`);
}
console.log(`\n${caselight('evaluate', sample)}`);
console.log(`The labelled copy: ${path.resolve(labelled)}`);
