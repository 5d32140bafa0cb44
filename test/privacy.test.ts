import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('a prediction writes nothing but its own cache: no telemetry of ONNX Runtime either', () => {
  const home = mkdtempSync(join(tmpdir(), 'caselight-home-'));
  try {
    // CI switches the telemetry off by itself, which would hide it.
    const { CI, ...rest } = process.env;
    const env = { ...rest, HOME: home, USERPROFILE: home, XDG_CACHE_HOME: join(home, '.cache'), TMPDIR: home };
    delete (env as NodeJS.ProcessEnv).CASELIGHT_CACHE;
    execFileSync(process.execPath, ['dist/cli.js', 'classify', 'Died of sepsis'], { env, stdio: 'pipe' });
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const outside = files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((name) => !/caselight.(cache.)?derived/.test(name));
    expect(files.length).toBeGreaterThan(0);
    expect(outside).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
