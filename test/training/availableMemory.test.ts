import { describe, expect, it } from 'vitest';
import { availableMemoryBytes, bytesOfContainer, macBytes } from '../../src/training/availableMemory.ts';

// What Mac OS X 10.6.8 printed on a machine with 2 GB, as somebody asked about it.
const SNOW_LEOPARD = `Mach Virtual Memory Statistics: (page size of 4096 bytes)
Pages free:                               90518.
Pages active:                            205479.
Pages inactive:                           32417.
Pages speculative:                       134461.
Pages wired down:                         61009.
"Translation faults":                  26323651.
Pages zero filled:                     15230394.
Pageins:                                 388108.
Object cache: 14 hits of 797355 lookups (0% hit rate)
`;

// The lines of macOS 15 on Apple silicon, with the figures of a guide to them.
const SEQUOIA = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              123456.
Pages active:                            789012.
Pages inactive:                          345678.
Pages speculative:                        12345.
Pages throttled:                              0.
Pages wired down:                        234567.
Pages purgeable:                          56789.
"Translation faults":                  98765432.
Pages copy-on-write:                     345678.
Pages purged:                             45678.
File-backed pages:                       456789.
Anonymous pages:                         678901.
`;

describe('availableMemoryBytes', () => {
  it('is some of what the machine has', async () => {
    expect(await availableMemoryBytes()).toBeGreaterThan(1e6);
  });
});

describe('macBytes', () => {
  it.each([
    ['Snow Leopard', SNOW_LEOPARD, 4_096 * (90_518 + 32_417 + 134_461)],
    ['Sequoia', SEQUOIA, 16_384 * (123_456 + 345_678 + 12_345 + 56_789)],
  ])('counts what can be had, of which os.freemem tells a part: %s', (_, vmStat, bytes) => {
    expect(macBytes(vmStat)).toBe(bytes);
  });

  it.each(['', 'vm_stat: command not found', SEQUOIA.replace(/^Pages inactive.*$/m, '')])(
    'is not known where vm_stat does not tell',
    (vmStat) => {
      expect(macBytes(vmStat)).toBeUndefined();
    },
  );
});

describe('bytesOfContainer', () => {
  const stat = 'anon 1000\nfile 5000\ninactive_anon 7\ninactive_file 4000\nactive_file 1000\n';

  it('does not count files that can be given back', () => {
    expect(bytesOfContainer('8000\n', '6000\n', stat, 'inactive_file')).toBe(6_000);
    expect(bytesOfContainer('8000', '6000', 'cache 1\ntotal_inactive_file 500\n', 'total_inactive_file')).toBe(2_500);
  });

  it.each([
    ['there is no limit', 'max', '6000', stat, undefined],
    ['there is no container', '', '', '', undefined],
    ['nothing tells of files', '8000', '6000', '', 2_000],
    ['it is over its limit', '8000', '9000', '', 0],
  ])('is right where %s', (_, limit, used, text, bytes) => {
    expect(bytesOfContainer(limit, used, text, 'inactive_file')).toBe(bytes);
  });
});
