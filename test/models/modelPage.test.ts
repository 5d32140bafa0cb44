import { describe, expect, it } from 'vitest';
import { comparisonPage } from '../../src/models/comparisonPage.ts';
import { fieldTitle, modelPage, valueText } from '../../src/models/modelPage.ts';
import { compareModels } from '../../src/models/registry/compareModels.ts';
import { readModelFacts } from '../../src/models/registry/modelFacts.ts';

const builtIn = () => readModelFacts('models/default');

describe('the page of a model', () => {
  it('tells labels, network, figures and where it comes from', async () => {
    const page = modelPage('My <model>', '/somewhere', await builtIn());
    expect(page).toMatch(/^# My \\<model\\>\n/);
    for (const fact of [
      '| Labels | D/LT, Non\\-serious, Serious |',
      '| Network | BERT, 6 layers of 384, 12 heads |',
      '## Figures',
      '| later years balanced: macro F1 | 0\\.690 |',
      '## Parent',
      '## Training data',
    ]) {
      expect(page).toContain(fact);
    }
  });

  it('says so where nothing is recorded', async () => {
    const page = modelPage('Bare', '/somewhere', { ...(await builtIn()), manifest: undefined });
    expect(page).toMatch(/Nothing is recorded of where this model comes from/);
    expect(page).not.toMatch(/^##/m);
  });
});

describe('the page of two models', () => {
  it('sets the better figure in bold and warns of different data', async () => {
    const a = await builtIn();
    const b = {
      ...a,
      manifest: {
        ...(a.manifest as NonNullable<typeof a.manifest>),
        data: { sha256: 'other' },
        metrics: { laterYearsBalanced: { macroF1: 0.72, loss: 0.9 } },
      },
    };
    const page = comparisonPage('Old', 'New', compareModels(a, b));
    expect(page).toContain('| later years balanced: macro F1 | 0\\.690 | **0\\.720** |');
    expect(page).toContain('| later years balanced: loss | – | 0\\.900 |');
    expect(page).toMatch(/trained on different data/);
  });

  it('says that nothing was measured', async () => {
    const bare = { ...(await builtIn()), manifest: undefined };
    expect(comparisonPage('A', 'B', compareModels(bare, bare))).toMatch(/No figures are recorded of either/);
  });
});

describe('valueText', () => {
  it.each([
    [3, '3'],
    [0.12345, '0.123'],
    [5e-5, '0.00005'],
    [true, 'yes'],
    [30522, '30,522'],
    ['2026-11-23T22:27:56.844Z', '2026-11-23 22:27 UTC'],
    [undefined, ''],
  ])('shows %j as %j', (value, text) => expect(valueText(value)).toBe(text));
});

describe('fieldTitle', () => {
  it.each([
    ['laterYearsBalanced.macroF1', 'later years balanced: macro F1'],
    ['layerCount', 'layer count'],
    ['sha256', 'sha256'],
    ['tokenizer_config.json', 'tokenizer_config.json'],
  ])('spells %s as %s', (name, title) => expect(fieldTitle(name)).toBe(title));
});
