import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { bytesOnDisk, closeAllEditors, codeActionsAt, diagnosticsUntil, openCsv } from './support.ts';

const FATAL = 'Patient went into cardiac arrest and died despite resuscitation';

describe('A file with something wrong', () => {
  afterEach(closeAllEditors);

  it('shows where a quote is never closed, and still predicts the records before it', async () => {
    const text = `ID,Seriousness,Narrative\n01,,${FATAL}\n02,,"never closed\n03,,x\n`;
    const { document } = await openCsv('unclosed.csv', text);
    const all = await diagnosticsUntil(document, 'Caselight', 'both problems', (each) => each.length >= 2);
    const quote = all.find(({ code }) => code === 'unclosedQuote');
    assert.equal(quote?.severity, vscode.DiagnosticSeverity.Error);
    assert.deepEqual([quote?.range.start.line, quote?.range.start.character], [2, 4]);
    assert.ok(all.some(({ code, range }) => code === 'unlabelled' && range.start.line === 1));
  });

  it('lists ragged records and repeated column names as warnings', async () => {
    const { document } = await openCsv('ragged.csv', `ID,Narrative,ID\n01,${FATAL}\n02,${FATAL},2,3\n`);
    const all = await diagnosticsUntil(document, 'Caselight', 'the warnings', (each) => each.length >= 3);
    const warnings = all.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Warning);
    assert.deepEqual(warnings.map(({ code }) => code).sort(), ['duplicateHeader', 'raggedRecord', 'raggedRecord']);
  });

  it('of 0 bytes is no error, and predicting it changes nothing', async () => {
    const { document } = await openCsv('empty.csv', '');
    const all = await diagnosticsUntil(document, 'Caselight', 'the empty file', (each) => each.length === 1);
    assert.equal(all[0]?.code, 'emptyFile');
    // Shows a sentence that waits for nobody.
    await vscode.commands.executeCommand('caselight.predictFile');
    assert.equal(bytesOnDisk(document).length, 0);
  });

  it('in Windows-1252 is not damaged: accepting is refused until it is read as what it is', async () => {
    const bytes = Buffer.from(`ID,Seriousness,Narrative\n01,,${FATAL} caf\u00e9\n`, 'latin1');
    const { document } = await openCsv('cp1252.csv', bytes);
    await diagnosticsUntil(document, 'Caselight', 'a prediction', (each) => each.length === 1);
    await vscode.commands.executeCommand('caselight.setLabel', { uri: document.uri.toString(), record: 0 }, 'D/LT');
    assert.equal(document.isDirty, false, 'a misread file was edited');

    await vscode.workspace.openTextDocument(document.uri, { encoding: 'windows1252' });
    await diagnosticsUntil(document, 'Caselight', 'a prediction again', (each) => each.length === 1);
    await vscode.commands.executeCommand('caselight.setLabel', { uri: document.uri.toString(), record: 0 }, 'D/LT');
    await document.save();
    const expected = bytes.toString('latin1').replace('01,,', '01,D/LT,');
    assert.equal(bytesOnDisk(document).toString('latin1'), expected);
  });

  it('that is edited while it is scanned ends up right', async () => {
    const records = Array.from({ length: 5_000 }, (_, i) => `${i},Serious,"${FATAL} ${i}"`);
    const { document, editor } = await openCsv('busy.csv', `ID,Seriousness,Narrative\n${records.join('\n')}\n`);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), `x,,"${FATAL} new"\n`));
    const all = await diagnosticsUntil(document, 'Caselight', 'the new record', (each) =>
      each.some(({ code, range }) => code === 'unlabelled' && range.start.line === 1),
    );
    assert.ok(all.length <= 1_000);
    const actions = await codeActionsAt(document, new vscode.Position(1, 2));
    assert.match(actions[0]?.title ?? '', /^Accept prediction/);
  });
});
