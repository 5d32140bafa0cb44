import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { bytesOnDisk, closeAllEditors, openCsv, scratchFile } from './support.ts';

/** Every byte as the character of the same number, so that expected bytes can be read in the source. */
const bytes = (text: string) => Buffer.from(text, 'latin1');

async function insertAtStart(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

// Nothing here is ours: these are the habits of VS Code that Caselight's reading and writing are designed around.
describe('VS Code, saving an edited CSV', () => {
  afterEach(closeAllEditors);

  const lf = vscode.EndOfLine.LF;
  const crlf = vscode.EndOfLine.CRLF;
  const saves = [
    {
      name: 'makes LF inside quotes CRLF where record ends are the majority',
      before: 'id,text\r\n1,"a\nb"\r\n2,"c\nd\ne"\r\n3,x\r\n',
      after: 'Xid,text\r\n1,"a\r\nb"\r\n2,"c\r\nd\r\ne"\r\n3,x\r\n',
      eol: crlf,
    },
    {
      name: 'makes CRLF record ends LF where LF inside quotes are the majority',
      before: 'id,text\r\n1,"a\nb\nc\nd"\r\n',
      after: 'Xid,text\n1,"a\nb\nc\nd"\n',
      eol: lf,
    },
    { name: 'prefers LF when they tie', before: 'id\r\n1\n', after: 'Xid\n1\n', eol: lf },
    { name: 'takes a lone CR for a line end', before: 'id\n"a\rb"\n2\n', after: 'Xid\n"a\nb"\n2\n', eol: lf },
    { name: 'makes lone CR record ends CRLF', before: 'id\r1\r', after: 'Xid\r\n1\r\n', eol: crlf },
    { name: 'adds no final line end', before: 'id\r\n1', after: 'Xid\r\n1', eol: crlf },
    {
      name: 'keeps a UTF-8 byte order mark, which the text does not show',
      before: '\xef\xbb\xbfid\n1\n',
      after: '\xef\xbb\xbfXid\n1\n',
      eol: lf,
    },
  ];
  for (const [index, { name, before, after, eol }] of saves.entries()) {
    it(name, async () => {
      const { document } = await openCsv(`save-${index}.csv`, bytes(before));
      assert.equal(document.eol, eol);
      await insertAtStart(document, 'X');
      assert.ok(await document.save());
      assert.deepEqual(bytesOnDisk(document), bytes(after));
    });
  }
});

describe('VS Code, with unusual line terminators', () => {
  // U+2028, U+0085, VT and FF.
  const file = bytes('id\na\xe2\x80\xa8b\xc2\x85c\x0bd\x0ce\n');

  it('takes them for text, and saves them unharmed while no editor shows the document', async () => {
    const uri = vscode.Uri.file(scratchFile('unusual.csv'));
    writeFileSync(uri.fsPath, file);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.lineCount, 3);
    await insertAtStart(document, 'X');
    assert.ok(await document.save());
    assert.deepEqual(bytesOnDisk(document), Buffer.concat([bytes('X'), file]));
  });
});

describe('VS Code, with a file that is not UTF-8', () => {
  afterEach(closeAllEditors);
  const file = bytes('id,text\n1,caf\xe9 \x93sore\x94\n');

  it('destroys what it could not decode when it saves', async () => {
    const { document } = await openCsv('undecoded.csv', file);
    assert.equal(document.encoding, 'utf8');
    await insertAtStart(document, 'X');
    assert.ok(await document.save());
    assert.ok(bytesOnDisk(document).includes(bytes('caf\xef\xbf\xbd')));
  });

  it('decodes an open clean document again in place, and saves it unharmed', async () => {
    const { document } = await openCsv('decoded.csv', file);
    const again = await vscode.workspace.openTextDocument(document.uri, { encoding: 'windows1252' });
    assert.equal(again, document);
    assert.equal(document.encoding, 'windows1252');
    assert.equal(document.getText(), 'id,text\n1,café “sore”\n');
    assert.equal(document.isDirty, false);
    await insertAtStart(document, 'X');
    assert.ok(await document.save());
    assert.deepEqual(bytesOnDisk(document), Buffer.concat([bytes('X'), file]));
  });

  it('refuses to decode a dirty document again', async () => {
    const { document } = await openCsv('dirty.csv', file);
    await insertAtStart(document, 'X');
    await assert.rejects(async () => vscode.workspace.openTextDocument(document.uri, { encoding: 'windows1252' }));
  });

  it('takes an encoding it does not know for UTF-8 without a word', async () => {
    const { document } = await openCsv('unknown.csv', file);
    await vscode.workspace.openTextDocument(document.uri, { encoding: 'no-such-encoding' });
    assert.equal(document.encoding, 'utf8');
  });
});

describe('VS Code, with bytes written beside its editor', () => {
  afterEach(closeAllEditors);

  it('keeps mixed line ends on disk and follows in the clean document', async () => {
    const { document } = await openCsv('beside.csv', 'id\r\n"a\nb"\r\n2\r\n');
    const changed = new Promise<void>((resolve) => {
      const listener = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document) return;
        listener.dispose();
        resolve();
      });
    });
    await vscode.workspace.fs.writeFile(document.uri, bytes('id\r\n"a\nb"\r\n3\r\n'));
    await changed;
    assert.equal(document.getText(), 'id\r\n"a\r\nb"\r\n3\r\n');
    assert.equal(document.isDirty, false);
    assert.deepEqual(bytesOnDisk(document), bytes('id\r\n"a\nb"\r\n3\r\n'));
  });
});
