import { Buffer } from 'node:buffer';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';

const cli = cliFolder();

// Appended fields as they come out: a label, quoted where it has to be, and a probability with six digits.
const FIELD = `(?:D/LT|Non-serious|"Serious, ""hospitalized"""|Serious, ""hospitalized""|"D/LT"|"Non-serious")`;
const NUMBER = String.raw`"?[01]\.\d{6}"?`;

/** The text without the columns that `predict` appends, told by their form alone. */
function withoutAppended(text: string, delimiter: string): string {
  const separator = delimiter === '|' ? '\\|' : delimiter;
  const header = new RegExp(
    `${separator}"?predicted_label(?:_\\d+)?"?${separator}"?confidence(?:_\\d+)?"?(?=[\\r\\n]|$)`,
  );
  const record = new RegExp(`${separator}+${FIELD}${separator}${NUMBER}(?=[\\r\\n]|$)`, 'g');
  expect(text).toMatch(header);
  return text.replace(header, '').replaceAll(record, '');
}

const plain = 'ID,Seriousness,Narrative\n1,Serious,fever\n2,,pain\n';

describe('predict', () => {
  // What a file is, its content, its delimiter, and how often a prediction is appended.
  it.each<[string, string, string, number]>([
    ['LF', plain, ',', 2],
    ['CRLF', plain.replaceAll('\n', '\r\n'), ',', 2],
    ['CR alone', plain.replaceAll('\n', '\r'), ',', 2],
    ['mixed line ends', 'ID,Narrative\r\n1,fever\n2,pain\r3,rash\r\n', ',', 3],
    ['no line end at the end', plain.trimEnd(), ',', 2],
    ['a header only', 'ID,Narrative\n', ',', 0],
    ['a header only, without a line end', 'ID,Narrative', ',', 0],
    ['line breaks, delimiters and quotes in quotes', 'ID,Narrative\r\n1,"a\nb\r\nc, ""d"""\r\n2,"x"\n', ',', 2],
    ['every field in quotes', '"ID","Narrative"\n"1","fever"\n"2",""\n', ',', 2],
    ['semicolons', 'ID;Narrative\n1;fever, pain\n2;"a;b"\n', ';', 2],
    ['tabs', 'ID\tNarrative\n1\tfever, pain\n2\t"a\tb"\n', '\t', 2],
    ['bars', 'ID|Narrative\n1|fever, pain\n', '|', 1],
    ['blank lines everywhere', '\n\r\nID,Narrative\n\n1,fever\n\n\n2,pain\n\n', ',', 2],
    ['text after a closing quote', 'ID,Narrative\n1,"fever" and "pain"\n2,x\n', ',', 2],
    ['quotes within unquoted fields', 'ID,Narrative\n1,5" needle\n', ',', 1],
    ['blanks around fields', 'ID , Narrative\n 1 ,  fever  \n', ',', 1],
    ['control characters and zero bytes', 'ID,Narrative\n1,a\0b\u0001\u001f\n', ',', 1],
    ['characters beyond the basic plane', 'ID,Narrative\n1,😀 𠮷 é\n', ',', 1],
    ['one column', 'Narrative\nfever\npain\n', ',', 2],
    ['longer records than the header', 'ID,Narrative\n1,fever,more,and more\n2,x\n', ',', 2],
    ['columns of an earlier prediction', 'ID,Narrative,predicted_label,confidence\n1,fever,Serious,high\n', ',', 1],
  ])('keeps every byte of a file with %s', async (_, content, delimiter, count) => {
    const { status, stdout } = await cli.runTiny(['predict', cli.write('kept.csv', content)]);
    expect(status).toBe(0);
    const text = stdout.toString();
    expect(withoutAppended(text, delimiter)).toBe(content);
    expect(text.match(new RegExp(NUMBER, 'g')) ?? []).toHaveLength(count);
  });

  it('warns of records without a narrative', async () => {
    const file = cli.write('blank.csv', 'ID,Narrative\n1,fever\n2,\n3,"  "\n');
    const { stderr } = await cli.runTiny(['predict', file]);
    expect(stderr).toContain('3 records predicted');
    expect(stderr).toContain('warning: 2 records have no narrative');
  });

  it.each<[string, Buffer, BufferEncoding | 'utf-16be' | 'windows-1252', number]>([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${plain}`), 'utf8', 3],
    ['Windows-1252', iconv.encode('ID,Narrative\n1,“38° – naïve”\n', 'windows-1252'), 'windows-1252', 0],
    ['bytes that no encoding has', Buffer.from('ID,Narrative\n1,a\xff\xfe\x81\x00b\n', 'latin1'), 'latin1', 0],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${plain}3,,é😀`, 'utf16le'), 'utf16le', 2],
    ['UTF-16 LE without a mark', Buffer.from(plain, 'utf16le'), 'utf16le', 0],
    ['UTF-16 BE with a mark', Buffer.from(`\ufeff${plain}3,,é😀`, 'utf16le').swap16(), 'utf-16be', 2],
    ['UTF-16 BE without a mark', Buffer.from(plain, 'utf16le').swap16(), 'utf-16be', 0],
  ])('keeps every byte of %s', async (_, content, encoding, bomLength) => {
    const { status, stdout } = await cli.runTiny(['predict', cli.write('kept.csv', content)]);
    expect(status).toBe(0);
    expect(stdout.subarray(0, bomLength)).toEqual(content.subarray(0, bomLength));
    const decode = (bytes: Buffer) => iconv.decode(bytes, encoding, { stripBOM: false });
    const appended = decode(stdout);
    expect(appended).toMatch(/,predicted_label,confidence\n/);
    expect(iconv.encode(withoutAppended(appended, ','), encoding, { addBOM: false }).equals(content)).toBe(true);
  });

  it('fills a short record up, so that predictions stand in their columns', async () => {
    const { stdout, stderr } = await cli.runTiny(['predict', '-'], 'ID,Narrative,Note\n1\n2,fever\n');
    const [, first = '', second = ''] = stdout.toString().split('\n');
    expect([first.startsWith('1,,,'), second.startsWith('2,fever,,')]).toEqual([true, true]);
    expect(stderr).toContain('warning: record 1: This record has 1 field, but the header has 3.');
  });

  it('appends nothing to a record whose quote is never closed, and says so', async () => {
    const content = 'ID,Narrative\n1,fever\n2,"pain\n3,rash\n';
    const { status, stdout, stderr } = await cli.runTiny(['predict', '-'], content);
    expect([status, withoutAppended(stdout.toString(), ',')]).toEqual([0, content]);
    expect(stdout.toString()).toMatch(/\n2,"pain\n3,rash\n$/);
    expect(stderr).toContain('warning: record 2: This quote is never closed');
  });

  it('gives new columns names that are free', async () => {
    const header = 'Narrative,predicted_label,predicted_label_2,confidence';
    const { stdout } = await cli.runTiny(['predict', '-'], `${header}\n`);
    expect(stdout.toString()).toBe(`${header},predicted_label_3,confidence_2\n`);
  });

  it('counts problems beyond the first five', async () => {
    const { stderr } = await cli.runTiny(['predict', '-'], `ID,Narrative\n${'x\n'.repeat(8)}`);
    expect(stderr.match(/^warning: record/gm)).toHaveLength(5);
    expect(stderr).toContain('warning: and 3 more problems');
  });
});
