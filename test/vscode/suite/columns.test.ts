import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../eventually.ts';
import { closeAllEditors, codeActionsAt, diagnosticsOf, diagnosticsUntil, openCsv } from './support.ts';

const FATAL = 'Patient went into cardiac arrest and died despite resuscitation';

describe('Columns and languages', () => {
  afterEach(async () => {
    const settings = vscode.workspace.getConfiguration('caselight');
    for (const name of ['columns.text', 'columns.label', 'diagnostics.severity', 'predictOnOpen']) {
      await settings.update(name, undefined, vscode.ConfigurationTarget.Workspace);
    }
    await closeAllEditors();
  });

  it('come from the settings where they name one of the file', async () => {
    const settings = vscode.workspace.getConfiguration('caselight');
    await settings.update('columns.text', 'What happened', vscode.ConfigurationTarget.Workspace);
    await settings.update('columns.label', 'Verdict', vscode.ConfigurationTarget.Workspace);
    const { document } = await openCsv('named.csv', `ID,Text,Verdict,What happened\n1,nothing,Serious,${FATAL}\n`);
    const [diagnostic] = await diagnosticsUntil(document, 'Caselight', 'a disagreement', (all) => all.length === 1);
    assert.match(diagnostic?.message ?? '', /^Labelled Serious; predicted: D\/LT/);
  });

  it('take a change of the severity at once, and "off" takes all away', async () => {
    const { document } = await openCsv('severity.csv', `ID,Seriousness,Narrative\n1,Serious,${FATAL}\n`);
    await diagnosticsUntil(
      document,
      'Caselight',
      'information',
      (all) => all[0]?.severity === vscode.DiagnosticSeverity.Information,
    );
    const settings = vscode.workspace.getConfiguration('caselight');
    await settings.update('diagnostics.severity', 'warning', vscode.ConfigurationTarget.Workspace);
    await diagnosticsUntil(
      document,
      'Caselight',
      'a warning',
      (all) => all[0]?.severity === vscode.DiagnosticSeverity.Warning,
    );
    await settings.update('diagnostics.severity', 'off', vscode.ConfigurationTarget.Workspace);
    await diagnosticsUntil(document, 'Caselight', 'nothing', (all) => all.length === 0);
  });

  it('are not predicted on opening where that is switched off, but on command', async () => {
    const settings = vscode.workspace.getConfiguration('caselight');
    await settings.update('predictOnOpen', false, vscode.ConfigurationTarget.Workspace);
    const { document } = await openCsv('manual.csv', `ID,Seriousness,Narrative\n1,Serious,${FATAL} at noon\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal(diagnosticsOf(document, 'Caselight').length, 0);
    await vscode.commands.executeCommand('caselight.predictFile');
    await diagnosticsUntil(document, 'Caselight', 'a disagreement', (all) => all.length === 1);
  });

  it('without a label column list nothing as a problem, and still offer the prediction', async () => {
    const { document } = await openCsv('bare.csv', `ID,Narrative\n1,${FATAL}\n`);
    const start = new vscode.Position(1, 0);
    const offered = await eventually('the prediction offered', async () => {
      const titles = (await codeActionsAt(document, start)).map(({ title }) => title);
      return titles[0]?.startsWith('Accept prediction: D/LT') && titles;
    });
    assert.deepEqual(offered.slice(1), ['Set label: Non-serious', 'Set label: Serious']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(diagnosticsOf(document, 'Caselight'), []);
  });

  for (const [language, delimiter] of [
    ['tsv', '\t'],
    ['csv (semicolon)', ';'],
    ['csv (pipe)', '|'],
    ['dynamic csv', ','],
  ] as const) {
    it(`works under the language id "${language}"`, async () => {
      const text = `ID,Seriousness,Narrative\n1,Serious,${FATAL}\n`.replaceAll(',', delimiter);
      const { document } = await openCsv(`language-${language.replaceAll(/\W/g, '')}.txt`, text);
      await vscode.languages.setTextDocumentLanguage(document, language);
      const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === document.uri.toString());
      assert.ok(open);
      await diagnosticsUntil(open, 'Caselight', 'a disagreement', (all) => all.length === 1);
    });
  }
});
