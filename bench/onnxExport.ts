import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { benchFolder } from './benchFolder.ts';

const SCRIPT = 'bench/exportOnnx.py';
const REQUIREMENTS = 'bench/requirements.txt';

/**
 * The export of a model directory that transformers.js reads, in fp32 and q8; made on first use, in Python, and kept.
 * @param hash `ModelDescription.hash` of the directory
 * @param maxLength where its tokenizer truncates
 */
export function onnxExport(modelDirectory: string, hash: string, maxLength: number): string {
  const recipe = createHash('sha256').update(readFileSync(SCRIPT)).update(readFileSync(REQUIREMENTS)).digest('hex');
  const directory = benchFolder('exports', `${hash.slice(0, 16)}-${recipe.slice(0, 8)}-${maxLength}`);
  if (existsSync(directory)) return directory;
  const python = pythonWithTorch();
  console.log(`Exporting ${path.basename(modelDirectory)} to ONNX for transformers.js`);
  mkdirSync(path.dirname(directory), { recursive: true });
  const temporary = mkdtempSync(`${directory}-`);
  try {
    execFileSync(python, [SCRIPT, modelDirectory, temporary, String(maxLength)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    renameSync(temporary, directory);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return directory;
}

/** A Python that has what the export needs: BENCH_PYTHON, or an environment made on first use. */
export function pythonWithTorch(): string {
  if (process.env.BENCH_PYTHON) return process.env.BENCH_PYTHON;
  const environment = benchFolder(
    `python-${createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 8)}`,
  );
  const python = path.join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const finished = path.join(environment, 'finished');
  if (existsSync(finished)) return python;
  const found = ['python3', 'python'].find((name) => runs(name));
  if (found === undefined) {
    throw new Error(
      'The bench against transformers.js exports the models with PyTorch: install Python 3.10 or newer, or set BENCH_PYTHON to a Python that has the packages of bench/requirements.txt.',
    );
  }
  console.log(`Installing PyTorch and its tools in ${environment}; this takes minutes, once`);
  rmSync(environment, { recursive: true, force: true });
  execFileSync(found, ['-m', 'venv', environment], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS], { stdio: 'inherit' });
  mkdirSync(finished);
  return python;
}

function runs(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
