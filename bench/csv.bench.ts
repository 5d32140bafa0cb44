import { parse } from 'csv-parse/sync';
import { scanCsv } from '../src/core/csv/csvScanner.ts';
import { rescan } from '../src/core/csv/rescan.ts';
import { interleaved, printTable } from './interleaved.ts';

const RECORDS = 300_000;

/** Scanning a file of 300,000 records, and an edit in its middle, against csv-parse. */
export async function run(): Promise<void> {
  const narrative =
    'pt recvd vax; devel fever, ""chills"" & a red, flat rash over both arms; seen by MD the next day,\nrecovered. ';
  const records = Array.from({ length: RECORDS }, (_, i) => `${i},Non-serious,"${narrative}${'more '.repeat(i % 12)}"`);
  const text = `ID,Seriousness,Narrative\r\n${records.join('\r\n')}\r\n`;
  const table = scanCsv(text);
  const at = table.recordRange(RECORDS / 2).start + 30;
  const edited = `${text.slice(0, at)}x${text.slice(at)}`;
  // Joined once, as an editor hands it over.
  edited.charCodeAt(0);

  const seconds = await interleaved(
    [
      { name: 'csv-parse 7.0.3', run: () => parse(text) },
      { name: 'Caselight, whole scan', run: () => scanCsv(text) },
      { name: 'Caselight, after an edit', run: () => rescan(table, edited, { start: at, oldEnd: at, newEnd: at + 1 }) },
    ],
    3,
  );
  const peer = seconds.get('csv-parse 7.0.3') ?? 0;
  console.log(`\nCSV: ${RECORDS.toLocaleString('en')} records, ${(text.length / 1e6).toFixed(0)} MB`);
  printTable([
    ['', 'ms', 'times as fast as csv-parse'],
    ...[...seconds].map(([name, s]) => [name, (s * 1_000).toFixed(1), (peer / s).toFixed(1)]),
  ]);
}
