import { describe, expect, it } from 'vitest';
import { encodeLabels } from '../../../src/core/training/labelEncoding.ts';

describe('encodeLabels', () => {
  it('numbers labels in sorted order, as the notebook does', () => {
    const { labels, classIds } = encodeLabels(['Serious', 'D/LT', 'Non-serious', 'Serious']);
    expect(labels).toEqual(['D/LT', 'Non-serious', 'Serious']);
    expect([...classIds]).toEqual([2, 0, 1, 2]);
  });

  it('sorts by code point, as Python does, not by UTF-16 unit or by language', () => {
    // sorted(['é', 'z', 'Z', '10', '9', '\uffee', '\U0001f600', 'a', 'aa']) of Python 3
    const sorted = ['10', '9', 'Z', 'a', 'aa', 'z', 'é', '\uffee', '\u{1f600}'];
    expect(encodeLabels([...sorted].reverse()).labels).toEqual(sorted);
  });
});
