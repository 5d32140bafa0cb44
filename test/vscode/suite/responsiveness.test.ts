import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { closeAllEditors, diagnosticsUntil, hoverTextAt, openCsv, repositoryFile } from './support.ts';

const RECORDS = 20_000;
const MAX_GAP_MS = 50;
const ROUNDS = 3;
const TICK_MS = 2;
const MAX_CHILD_MB = 400;

describe('A file of 20,000 records', () => {
  afterEach(closeAllEditors);

  it('is opened, predicted, edited and labelled without holding the extension host for more than 50 ms', async function () {
    this.timeout(300_000);
    const { document } = await openCsv('warm-up.csv', 'ID,Seriousness,Narrative\n1,,Died of sepsis\n');
    await diagnosticsUntil(document, 'Caselight', 'the model at work', (all) => all.length === 1);

    // What Caselight itself holds comes back each time; a busy machine or a collection of garbage does not.
    const least = new Map<string, number>();
    const tooLong = () => [...least].filter(([, added]) => added > MAX_GAP_MS);
    for (let round = 1; round <= ROUNDS && (round === 1 || tooLong().length > 0); round++) {
      for (const [phase, added] of Object.entries(await gapsOfRound(round))) {
        least.set(phase, Math.min(least.get(phase) ?? Infinity, added));
      }
      await closeAllEditors();
    }
    assert.deepEqual(tooLong(), []);
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

/**
 * What Caselight adds to the longest gap of each phase, in milliseconds: VS Code itself opens and edits so much text first,
 * as a language that Caselight leaves alone.
 */
async function gapsOfRound(round: number): Promise<Record<string, number>> {
  const text = manyRecords(round);
  const gaps: Record<string, number> = {};
  const during = async <T>(phase: string, action: () => Promise<T>): Promise<T> => {
    const { gap, result } = await gapDuring(action);
    gaps[phase] = Math.round(gap);
    return result;
  };
  const open = async (name: string) => {
    const { document } = await openCsv(name, text);
    await pause(500);
    return document;
  };

  const plain = await during('opening as text', () => open(`large-${round}.txt`));
  await during('typing as text', () => typeInto(plain));
  const large = await during('opening', () => open(`large-${round}.csv`));
  await during('predicting', async () => {
    const label = new vscode.Position(1, 7);
    for (let i = 0; i < 400 && !/predicts/.test(await hoverTextAt(large, label)); i++) await pause(25);
    assert.match(await hoverTextAt(large, label), /predicts/);
    await diagnosticsUntil(large, 'Caselight', 'many diagnostics', (all) => all.length > 20);
    await pause(1_500);
  });
  await during('typing', () => typeInto(large));
  await during('labelling', async () => {
    await vscode.commands.executeCommand('caselight.setLabel', { uri: large.uri.toString(), record: 3 }, 'Serious');
    await vscode.commands.executeCommand('caselight.nextDisagreement');
    await pause(1_500);
  });
  console.log(`longest gaps in ms: ${JSON.stringify(gaps)}`);
  const added = (phase: string) => (gaps[phase] ?? 0) - (gaps[`${phase} as text`] ?? 0);
  return Object.fromEntries(['opening', 'predicting', 'typing', 'labelling'].map((phase) => [phase, added(phase)]));
}

/** Twenty small edits, one after the other. */
async function typeInto(document: vscode.TextDocument): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const edit = new vscode.WorkspaceEdit();
    const line = document.lineAt(1 + i * 7);
    edit.insert(document.uri, new vscode.Position(line.lineNumber, line.text.length - 3), 'x');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await pause(30);
  }
}

/** The samples over and over, each narrative made another one by numbers in front. */
function manyRecords(round: number): string {
  const table = scanCsv(readFileSync(repositoryFile('samples/narratives.csv'), 'utf8'));
  const records = Array.from({ length: RECORDS }, (_, i) => {
    const sample = i % table.recordCount;
    const narrative = (table.value(sample, 2) ?? '').replaceAll('"', '""').slice(0, 250);
    return `${String(i).padStart(6, '0')},${i % 3 === 0 ? '' : table.value(sample, 1)},"Case ${round}.${i}. ${narrative}"`;
  });
  return `ID,Seriousness,Narrative\n${records.join('\n')}\n`;
}

/**
 * The longest time that the event loop was held while an action ran, in milliseconds. Time in which the machine let another
 * process run is not counted: of each gap, only what this process used of the processor.
 */
async function gapDuring<T>(action: () => Promise<T>): Promise<{ gap: number; result: T }> {
  let longest = 0;
  let last = { wall: performance.now(), cpu: cpuMs() };
  const timer = setInterval(() => {
    const now = { wall: performance.now(), cpu: cpuMs() };
    longest = Math.max(longest, Math.min(now.wall - last.wall, now.cpu - last.cpu) - TICK_MS);
    last = now;
  }, TICK_MS);
  try {
    const result = await action();
    return { gap: longest, result };
  } finally {
    clearInterval(timer);
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
