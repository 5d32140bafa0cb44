import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { closeAllEditors, diagnosticsUntil, hoverTextAt, openCsv, repositoryFile } from './support.ts';

const RECORDS = 20_000;
const MAX_GAP_MS = 50;
const TICK_MS = 2;
const MAX_CHILD_MB = 400;

describe('A file of 20,000 records', () => {
  afterEach(closeAllEditors);

  it('is opened, predicted, edited and labelled without holding the extension host for more than 50 ms', async function () {
    this.timeout(120_000);
    const { document } = await openCsv('warm-up.csv', 'ID,Seriousness,Narrative\n1,,Died of sepsis\n');
    await diagnosticsUntil(document, 'Caselight', 'the model at work', (all) => all.length === 1);
    const text = manyRecords();

    const gaps: Record<string, number> = {};
    const during = async (phase: string, action: () => Promise<unknown>) => {
      gaps[phase] = Math.round(await gapDuring(action));
    };
    // What VS Code itself takes to open and edit so much text, Caselight standing aside.
    let plain: vscode.TextDocument | undefined;
    await during('opening as text', async () => {
      plain = (await openCsv('large.txt', text)).document;
      await pause(500);
    });
    assert.ok(plain);
    const { uri, lineAt } = plain;
    await during('typing as text', () => typeInto(uri, lineAt.bind(plain)));
    const { document: large } = await openCsvDuring();
    await during('predicting', async () => {
      const label = new vscode.Position(1, 7);
      for (let i = 0; i < 400 && !/predicts/.test(await hoverTextAt(large, label)); i++) await pause(25);
      assert.match(await hoverTextAt(large, label), /predicts/);
      await diagnosticsUntil(large, 'Caselight', 'many diagnostics', (all) => all.length > 20);
      await pause(1_500);
    });
    await during('typing', () => typeInto(large.uri, large.lineAt.bind(large)));
    await during('labelling', async () => {
      await vscode.commands.executeCommand('caselight.setLabel', { uri: large.uri.toString(), record: 3 }, 'Serious');
      await vscode.commands.executeCommand('caselight.nextDisagreement');
      await pause(1_500);
    });
    const told = JSON.stringify(gaps);
    console.log(`longest gaps in ms: ${told}`);
    for (const phase of ['opening', 'predicting', 'typing', 'labelling']) {
      const added = (gaps[phase] ?? 0) - (gaps[`${phase} as text`] ?? 0);
      assert.ok(added <= MAX_GAP_MS, `longest gaps in ms: ${told}`);
    }

    async function openCsvDuring() {
      let opened: Awaited<ReturnType<typeof openCsv>> | undefined;
      await during('opening', async () => {
        opened = await openCsv('large.csv', text);
        await pause(500);
      });
      assert.ok(opened);
      return opened;
    }
  });

  it('is predicted by a process of its own that stays under 400 MB', function () {
    if (process.platform !== 'linux') this.skip();
    const workers = execFileSync('pgrep', ['-f', 'inferenceWorker.js', '-P', String(process.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    assert.equal(workers.length, 1, `inference processes: ${workers.join(', ')}`);
    const status = readFileSync(`/proc/${workers[0]}/status`, 'utf8');
    const peakMb = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    console.log(`inference process: ${peakMb.toFixed(0)} MB at most`);
    assert.ok(peakMb > 0 && peakMb < MAX_CHILD_MB, `${peakMb.toFixed(0)} MB`);
  });

  it('leaves ONNX Runtime out of the extension host', function () {
    if (process.platform !== 'linux') this.skip();
    assert.doesNotMatch(readFileSync('/proc/self/maps', 'utf8'), /onnxruntime/);
  });
});

/** Twenty small edits, one after the other. */
async function typeInto(uri: vscode.Uri, lineAt: (line: number) => vscode.TextLine): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(1 + i * 7, lineAt(1 + i * 7).text.length - 3), 'x');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await pause(30);
  }
}

/** The samples over and over, each narrative made another one by a number in front. */
function manyRecords(): string {
  const table = scanCsv(readFileSync(repositoryFile('samples/narratives.csv'), 'utf8'));
  const records = Array.from({ length: RECORDS }, (_, i) => {
    const sample = i % table.recordCount;
    const narrative = (table.value(sample, 2) ?? '').replaceAll('"', '""').slice(0, 250);
    return `${String(i).padStart(6, '0')},${i % 3 === 0 ? '' : table.value(sample, 1)},"Case ${i}. ${narrative}"`;
  });
  return `ID,Seriousness,Narrative\n${records.join('\n')}\n`;
}

/**
 * The longest time that the event loop was held while an action ran, in milliseconds. Time in which the machine let another
 * process run is not counted: of each gap, only what this process used of the processor.
 */
async function gapDuring(action: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = { wall: performance.now(), cpu: cpuMs() };
  const timer = setInterval(() => {
    const now = { wall: performance.now(), cpu: cpuMs() };
    longest = Math.max(longest, Math.min(now.wall - last.wall, now.cpu - last.cpu) - TICK_MS);
    last = now;
  }, TICK_MS);
  try {
    await action();
  } finally {
    clearInterval(timer);
  }
  return longest;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
