import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import {
  applyCodeAction,
  bytesOnDisk,
  closeAllEditors,
  codeActionsAt,
  diagnosticsUntil,
  hoverTextAt,
  openCsv,
} from './support.ts';

/** The record whose empty label is accepted stands at `RECORD` in each of them; its narrative is plainly fatal. */
const FATAL = 'Patient went into cardiac arrest and died despite resuscitation';
const MILD = 'Slight redness at the injection site that went away the next day';

interface Case {
  readonly what: string;
  /** Text of the file; `@` is where the label goes. */
  readonly text: string;
  readonly encode?: (text: string) => Buffer;
}

const cases: readonly Case[] = [
  { what: 'a plain file', text: `ID,Seriousness,Narrative\n01,Serious,${MILD}\n02,@,${FATAL}\n` },
  { what: 'a file without last newline', text: `ID,Seriousness,Narrative\n02,@,${FATAL}` },
  { what: 'CRLF', text: `ID,Seriousness,Narrative\r\n01,Non-serious,"${MILD}"\r\n02,@,"${FATAL}"\r\n` },
  { what: 'semicolons', text: `ID;Seriousness;Narrative\n01;Serious;${MILD}, they say\n02;@;${FATAL}\n` },
  { what: 'tabs', text: `ID\tSeriousness\tNarrative\n02\t@\t${FATAL}\n` },
  { what: 'bars', text: `ID|Seriousness|Narrative\n02|@|${FATAL}\n` },
  {
    what: 'quoted newlines and doubled quotes',
    text: `ID,Seriousness,Narrative\n01,Serious,"${MILD}.\n\n""Nothing else."""\n02,@,"${FATAL},\nat home"\n03,,x\n`,
  },
  {
    what: 'LF inside of quoted fields of CRLF records',
    text: `ID,Seriousness,Narrative\r\n01,Serious,"${MILD}.\nNothing\nelse."\r\n02,@,"${FATAL}\nat home"\r\n03,,x\r\n`,
  },
  {
    what: 'CRLF inside of quoted fields of LF records',
    text: `ID,Seriousness,Narrative\n01,Serious,"${MILD}.\r\nNothing."\n02,@,${FATAL}\n03,,x\n04,,y\n`,
  },
  { what: 'a byte order mark', text: `\ufeffID,Seriousness,Narrative\n02,@,${FATAL}\n` },
  {
    what: 'UTF-16 with a byte order mark',
    text: `\ufeffID,Seriousness,Narrative\n02,@,${FATAL} é\n`,
    encode: (text) => Buffer.from(text, 'utf16le'),
  },
  { what: 'the label after the narrative', text: `Narrative,ID,label\n"${FATAL}",02,@\n` },
  { what: 'ragged records and blank lines', text: `ID,Seriousness,Narrative\n01\n\n02,@,${FATAL},extra\n\n03,x\n` },
  { what: 'everything quoted', text: `"ID","Seriousness","Narrative"\n"02",@,"${FATAL}"\n`.replace('@', '""@') },
];

describe('Accepting a prediction', () => {
  afterEach(closeAllEditors);

  for (const [i, { what, text, encode = (each: string) => Buffer.from(each) }] of cases.entries()) {
    it(`changes one field and nothing else, is one undo step and leaves the cursor: ${what}`, async () => {
      const quoted = text.includes('""@');
      const before = encode(text.replace('@', ''));
      const after = encode(quoted ? text.replace('""@', '"D/LT"') : text.replace('@', 'D/LT'));
      const { document, editor } = await openCsv(`accept-${i}.csv`, before);
      const line = document
        .getText()
        .split(/\r?\n/)
        .findIndex((each) => each.includes(FATAL));
      const isOurs = ({ range, code }: vscode.Diagnostic) => code === 'unlabelled' && range.start.line === line;
      const diagnostics = await diagnosticsUntil(document, 'Caselight', 'the empty label is listed', (all) =>
        all.some(isOurs),
      );
      const place = diagnostics.find(isOurs)?.range.start ?? new vscode.Position(0, 0);

      const cursor = new vscode.Position(line, document.lineAt(line).text.indexOf('cardiac'));
      const rest = document.lineAt(line).text.slice(cursor.character, cursor.character + 30);
      editor.selection = new vscode.Selection(cursor, cursor);
      const actions = await codeActionsAt(document, place);
      const accept = actions.find(({ title }) => /^Accept prediction: D\/LT \(\d\d? %\)$/.test(title));
      assert.ok(accept, `no such quick fix among ${actions.map(({ title }) => title).join(', ')}`);
      assert.ok(accept.isPreferred);
      await applyCodeAction(accept);
      const { active } = editor.selection;
      assert.equal(
        document.lineAt(active.line).text.slice(active.character, active.character + 30),
        rest,
        'the cursor moved',
      );
      await document.save();
      await diskUntil(document, after);

      await vscode.commands.executeCommand('undo');
      await document.save();
      await diskUntil(document, before);
    });
  }

  it('keeps the line ends of a file that is saved again right away', async () => {
    const records = Array.from({ length: 3_000 }, (_, i) => `${i},Serious,"${MILD}\n${FATAL} ${i}"\r\n`).join('');
    const before = `ID,Seriousness,Narrative\r\n${records}`;
    const { document } = await openCsv('twice.csv', before);
    await diagnosticsUntil(document, 'Caselight', 'disagreements', (all) => all.length > 5);
    for (const [record, label] of [
      [0, 'D/LT'],
      [1, 'D/LT'],
      [2_999, 'Non-serious'],
    ] as const) {
      await vscode.commands.executeCommand('caselight.setLabel', { uri: document.uri.toString(), record }, label);
      assert.ok(await document.save());
    }
    const after = before
      .replace('\r\n0,Serious', '\r\n0,D/LT')
      .replace('\r\n1,Serious', '\r\n1,D/LT')
      .replace('\r\n2999,Serious', '\r\n2999,Non-serious');
    await diskUntil(document, Buffer.from(after));
    assert.equal(document.isDirty, false);
  });

  it('refuses a quick fix of a record that has moved meanwhile', async () => {
    const { document, editor } = await openCsv('moved.csv', `ID,Seriousness,Narrative\n1,Serious,${FATAL}\n`);
    await diagnosticsUntil(document, 'Caselight', 'a disagreement', (all) => all.length === 1);
    const [accept] = await codeActionsAt(document, new vscode.Position(1, 3));
    assert.ok(accept);
    const twin = `0,Serious,${FATAL}\n`;
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), twin));
    await applyCodeAction(accept);
    assert.equal(document.getText(), `ID,Seriousness,Narrative\n${twin}1,Serious,${FATAL}\n`);
  });

  it('keeps a cursor that stands in the label cell at its place', async () => {
    const { document, editor } = await openCsv('cursor.csv', `ID,Seriousness,Narrative\n02,,${FATAL}\n`);
    await diagnosticsUntil(document, 'Caselight', 'a prediction', (all) => all.length === 1);
    editor.selection = new vscode.Selection(1, 3, 1, 3);
    await vscode.commands.executeCommand('caselight.acceptPrediction');
    assert.equal(document.lineAt(1).text, `02,D/LT,${FATAL}`);
    assert.deepEqual([editor.selection.active.line, editor.selection.active.character], [1, 3]);
  });

  it('offers the other classes, and to keep a label that differs', async () => {
    const { document } = await openCsv('other.csv', `ID,Seriousness,Narrative\n02,Non-serious,${FATAL}\n`);
    const [diagnostic] = await diagnosticsUntil(document, 'Caselight', 'the disagreement', (all) => all.length === 1);
    assert.match(diagnostic?.message ?? '', /^Labelled Non-serious; predicted: D\/LT \(\d\d? %\)\.$/);
    const titles = (await codeActionsAt(document, new vscode.Position(1, 4))).map(({ title }) => title);
    assert.match(titles[0] ?? '', /^Accept prediction: D\/LT/);
    assert.deepEqual(titles.slice(1), ['Set label: Serious', 'Keep Non-serious and mark as checked']);
    const keep = (await codeActionsAt(document, new vscode.Position(1, 4))).at(-1);
    assert.ok(keep);
    await applyCodeAction(keep);
    await diagnosticsUntil(document, 'Caselight', 'nothing is left to check', (all) => all.length === 0);
    assert.match(await hoverTextAt(document, new vscode.Position(1, 5)), /marked as checked/);
    assert.equal(document.isDirty, false);
  });

  it('counts a label that was chosen against the prediction as checked, and one that was typed not', async () => {
    const { document } = await openCsv('chosen.csv', `ID,Seriousness,Narrative\n02,,${FATAL}\n`);
    await diagnosticsUntil(document, 'Caselight', 'the empty label', (all) => all.length === 1);
    const target = { uri: document.uri.toString(), record: 0 };
    await vscode.commands.executeCommand('caselight.setLabel', target, 'Serious');
    await diagnosticsUntil(document, 'Caselight', 'nothing is left to check', (all) => all.length === 0);
    assert.match(await hoverTextAt(document, new vscode.Position(1, 5)), /The file says Serious; marked as checked/);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(1, 3, 1, '02,Serious'.length), 'Non-serious');
    assert.ok(await vscode.workspace.applyEdit(edit));
    const [diagnostic] = await diagnosticsUntil(document, 'Caselight', 'a disagreement', (all) => all.length === 1);
    assert.match(diagnostic?.message ?? '', /^Labelled Non-serious; predicted: D\/LT/);
  });

  it('names a label that the model does not know', async () => {
    const { document } = await openCsv('unknown.csv', `ID,Seriousness,Narrative\n02,serious,${FATAL}\n`);
    const [diagnostic] = await diagnosticsUntil(document, 'Caselight', 'the unknown label', (all) => all.length === 1);
    assert.match(diagnostic?.message ?? '', /^"serious" is none of the model's labels; predicted: D\/LT/);
  });

  it('tells in the hover every probability, the model, and that a narrative was truncated', async () => {
    const long = `${FATAL}. ${'The family was informed. '.repeat(100)}`;
    const { document } = await openCsv('hover.csv', `ID,Seriousness,Narrative\n02,,${long}\n`);
    await diagnosticsUntil(document, 'Caselight', 'a prediction', (all) => all.length === 1);
    const hover = await hoverTextAt(document, new vscode.Position(1, 3));
    for (const label of ['D/LT', 'Serious', 'Non-serious']) assert.match(hover, new RegExp(`${label} +\\d`));
    assert.match(hover, /only its first 256 tokens/);
    assert.match(hover, /int8/);
  });

  it('predicts one record anew after an edit of its narrative', async () => {
    const { document } = await openCsv(
      'edit.csv',
      `ID,Seriousness,Narrative\n01,Non-serious,${MILD}\n02,D/LT,${FATAL}\n`,
    );
    const position = new vscode.Position(1, 5);
    await hoverUntil(document, position, /predicts Non-serious|Non\\-serious/);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(1, 15, 1, document.lineAt(1).text.length), FATAL);
    assert.ok(await vscode.workspace.applyEdit(edit));
    const [diagnostic] = await diagnosticsUntil(document, 'Caselight', 'a disagreement', (all) => all.length === 1);
    assert.match(diagnostic?.message ?? '', /predicted: D\/LT/);
  });
});

async function diskUntil(document: vscode.TextDocument, expected: Buffer): Promise<void> {
  // Line ends are put back right after the save, so the file may take a moment.
  for (let i = 0; i < 100 && !bytesOnDisk(document).equals(expected); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(bytesOnDisk(document).toString('latin1'), expected.toString('latin1'));
}

async function hoverUntil(document: vscode.TextDocument, position: vscode.Position, pattern: RegExp): Promise<void> {
  let text = '';
  for (let i = 0; i < 200; i++) {
    text = await hoverTextAt(document, position);
    if (pattern.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(text, pattern);
}
