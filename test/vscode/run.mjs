// `npm run test:vscode [-- --only new|old] [-- --grep TEXT] [-- --vsix FILE]`: the packaged extension in two real VS Codes.
// Installs them (once), bundles the tests into dist/test-vscode/, and runs suite/*.test.ts inside the extension host and
// ui/*.scenario.ts in a browser.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const here = import.meta.dirname;
const repositoryRoot = path.resolve(here, '../..');
const bundles = path.join(repositoryRoot, 'dist/test-vscode');

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, grep: { type: 'string' }, vsix: { type: 'string' } },
});
if (options.only !== undefined && !['new', 'old'].includes(options.only)) {
  console.error('--only takes new or old.');
  process.exit(2);
}

execFileSync(path.join(here, 'install.sh'), { stdio: 'inherit' });
// Before the bundles: packaging empties dist/.
const vsix = options.vsix === undefined ? findVsix() : path.resolve(options.vsix);
console.log(`Testing ${path.relative(repositoryRoot, vsix)}`);
await bundle();

// A failure then names a line of the sources.
process.setSourceMapsEnabled(true);
const { runAll } = await import(pathToFileURL(path.join(bundles, 'runner.mjs')).href);
process.exitCode = await runAll({
  repositoryRoot,
  bundles,
  vsix,
  kinds: options.only === undefined ? ['new', 'old'] : [options.only],
  ...(options.grep === undefined ? {} : { grep: options.grep }),
});

/** The newest package for this platform; packaged now if there is none yet. */
function findVsix() {
  const folder = path.join(repositoryRoot, 'out');
  const prefix = `caselight-${process.platform}-${process.arch}-`;
  const newest = () =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.startsWith(prefix) && name.endsWith('.vsix'))
      .map((name) => path.join(folder, name))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest() === undefined) execFileSync('npm', ['run', 'package'], { cwd: repositoryRoot, stdio: 'inherit' });
  const found = newest();
  if (found === undefined) throw new Error(`npm run package left no ${prefix}VERSION.vsix in out/`);
  warnWhenStale(found);
  return found;
}

/** A package older than the sources passes or fails for code that is no longer there. */
function warnWhenStale(file) {
  const packagedAt = statSync(file).mtimeMs;
  const newer = ['src', 'media', 'package.json', 'package.nls.json']
    .map((name) => path.join(repositoryRoot, name))
    .filter((name) => existsSync(name))
    .flatMap((name) =>
      statSync(name).isDirectory()
        ? readdirSync(name, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => path.join(entry.parentPath, entry.name))
        : [name],
    )
    .filter((name) => statSync(name).mtimeMs > packagedAt);
  if (newer.length > 0) {
    const example = path.relative(repositoryRoot, newer[0]);
    console.warn(
      `Warning: ${newer.length} source files, such as ${example}, are newer than the package. Run npm run package.`,
    );
  }
}

async function bundle() {
  rmSync(bundles, { recursive: true, force: true });
  mkdirSync(bundles, { recursive: true });
  const list = (folder, ending) =>
    readdirSync(path.join(here, folder))
      .filter((name) => name.endsWith(ending))
      .map((name) => path.join(here, folder, name));
  const shared = {
    outdir: bundles,
    outbase: here,
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['vscode', 'mocha', 'playwright-core'],
    sourcemap: 'inline',
    logLevel: 'warning',
  };
  // The extension host requires its suites, each on its own.
  const suites = [path.join(here, 'suite/index.ts'), ...list('suite', '.test.ts')];
  await esbuild.build({ ...shared, entryPoints: suites, format: 'cjs' });
  // The runner imports the scenarios; with splitting they share one copy of the harness.
  const scenarios = [path.join(here, 'runner.ts'), ...list('ui', '.scenario.ts')];
  await esbuild.build({
    ...shared,
    entryPoints: scenarios,
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
  });
}
