import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TARGETS = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'];
const MAX_MB = 75;
const here = `${process.platform}-${process.arch}`;

describe.skipIf(!TARGETS.includes(here))('the packaged extension', () => {
  let folder: string;
  let vsix: string;
  let files: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'caselight-package-'));
    execFileSync(process.execPath, ['scripts/package.mjs', '--out', folder, '--no-build'], { stdio: 'pipe' });
    vsix = join(folder, readdirSync(folder).find((name) => name.endsWith('.vsix')) ?? '');
    files = namesInZip(readFileSync(vsix));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is at most 75 MB', () => {
    expect(statSync(vsix).size / 1e6).toBeLessThanOrEqual(MAX_MB);
  });

  it.each([
    'extension/dist/extension.js',
    'extension/dist/inferenceWorker.js',
    'extension/dist/cli.js',
    'extension/package.json',
    'extension/package.nls.json',
    'extension/models/default/config.json',
    'extension/models/default/model.safetensors',
    'extension/models/default/tokenizer.json',
    'extension/node_modules/onnxruntime-common/dist/cjs/package.json',
    `extension/node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`,
  ])('holds %s', (name) => {
    expect(files).toContain(name);
  });

  it('holds the native library beside its binding', () => {
    expect(files.some((name) => /libonnxruntime|onnxruntime\.dll/.test(name))).toBe(true);
  });

  it.runIf(here === 'linux-x64')('holds what TensorFlow.js needs beside libtensorflow', () => {
    expect(files).toContain('extension/dist/tensorflow.js');
    expect(files).toContain('extension/dist/tfjs_binding.node');
    expect(files).toContain('extension/dist/tensorflow_addon.node');
  });

  it.runIf(here === 'linux-x64')('needs no newer system for them than VS Code does', () => {
    for (const name of ['tfjs_binding.node', 'tensorflow_addon.node']) {
      const symbols = execFileSync('objdump', ['-T', `dist/${name}`], { encoding: 'utf8' });
      const versions = [...symbols.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      expect(versions.length).toBeGreaterThan(3);
      expect([name, Math.max(...versions) <= 28]).toEqual([name, true]);
    }
  });

  it('holds no sources, tests, maps, other platforms, or data of ours', () => {
    const platforms = files.filter((name) => /\/bin\/napi-v\d\//.test(name) && !name.includes(here.replace('-', '/')));
    const foreign = files.filter((name) =>
      /\.ts$|\.map$|\/(src|test|bench|scripts|samples)\/|\.csv$|lock\.json$/.test(name),
    );
    expect([...platforms, ...foreign]).toEqual([]);
  });

  it('holds of node_modules only ONNX Runtime: everything else is bundled', () => {
    const packages = files.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []);
    expect([...new Set(packages)].sort()).toEqual(['onnxruntime-common', 'onnxruntime-node']);
  });
});

describe('the manifest', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const strings = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;

  it('names every string it uses in package.nls.json, and no string there is left over', () => {
    const used = [...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map(([, name]) => name ?? '');
    expect([...new Set(used)].sort()).toEqual(Object.keys(strings).sort());
  });

  it('declares the commands that the extension registers, under one prefix', () => {
    const declared = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const source = readFileSync('src/editor/extension.ts', 'utf8');
    const table = /const handlers[^{]*\{([\s\S]*?)\n {2}\};/.exec(source)?.[1] ?? '';
    const registered = [...table.matchAll(/^ {4}(\w+)/gm)].map(([, name]) => `caselight.${name}`);
    expect(registered.length).toBeGreaterThan(5);
    expect(registered.sort()).toEqual([...declared].sort());
  });

  it('has every colour that is painted, with a value for each kind of theme', () => {
    const colors = manifest.contributes.colors as { id: string; defaults: Record<string, string> }[];
    const painted = [...readFileSync('src/editor/decorator.ts', 'utf8').matchAll(/'(caselight\.\w+Foreground)'/g)];
    expect([...new Set(painted.map(([, id]) => id))].sort()).toEqual(colors.map(({ id }) => id).sort());
    for (const { defaults } of colors) {
      expect(Object.keys(defaults)).toEqual(['dark', 'light', 'highContrast', 'highContrastLight']);
    }
  });

  it('points to files that exist', () => {
    for (const path of [manifest.icon].filter(Boolean)) expect(existsSync(path)).toBe(true);
  });
});

/** The names in the central directory of a zip archive (PKWARE APPNOTE, 4.3.12). */
function namesInZip(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const nameLength = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + nameLength));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}
