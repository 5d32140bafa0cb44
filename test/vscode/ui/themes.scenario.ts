import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { goTo } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { applyQuickFix, openQuickFixes } from '../quickFix.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';
import { switchTheme, type ThemeId, themes } from '../themes.ts';

/** WCAG 2.1, 1.4.3: text of ordinary size. */
const MIN_CONTRAST = 4.5;
const SIGNS = ['✓', '≠', '→', '●'];

export const scenario: Scenario = {
  name: 'the four states are told apart by sign and colour, readable in every kind of theme',
  files: {
    'narratives.csv': readFileSync(path.resolve('samples/narratives.csv'), 'utf8').replace(
      '0051432,Serious,',
      '0051432,,',
    ),
  },
  async run({ window, profile }) {
    await openFile(window, 'narratives.csv');
    await statusBarItem(window, 'Caselight: 15 differ, 1 unlabelled');
    const all = await decorationsUntil(window, 'three states', (seen) =>
      ['✓', '≠', '→'].every((sign) => seen.some(({ text }) => text.startsWith(sign))),
    );
    await goTo(window, all.find(({ text }) => text.startsWith('≠'))?.line ?? 0, 10);
    const keep = (await openQuickFixes(window)).find((title) => title.startsWith('Keep ')) ?? '';
    await window.page.keyboard.press('Escape');
    await applyQuickFix(window, keep);
    await decorationsUntil(window, 'a checked record', (seen) => seen.some(({ text }) => text.startsWith('●')));
    for (const theme of Object.keys(themes) as ThemeId[]) {
      await switchTheme(window, profile, theme);
      const colors = await decorationsUntil(window, `colours of ${theme}`, (seen) => seen.length > 10, {
        limitMs: 5_000,
      });
      const background = await window.page
        .locator('.monaco-editor .monaco-editor-background')
        .first()
        .evaluate(
          (element) =>
            (globalThis as unknown as { getComputedStyle(e: unknown): { backgroundColor: string } }).getComputedStyle(
              element,
            ).backgroundColor,
        );
      const bySign = new Map(
        SIGNS.map((sign) => [sign, colors.find(({ text }) => text.startsWith(sign))?.color ?? '']),
      );
      assert.equal(new Set(bySign.values()).size, SIGNS.length, `${theme}: ${JSON.stringify([...bySign])}`);
      for (const [sign, color] of bySign) {
        const ratio = contrast(color, background);
        assert.ok(
          ratio >= MIN_CONTRAST,
          `${theme}: ${sign} ${color} on ${background} has a contrast of ${ratio.toFixed(2)}`,
        );
      }
      const shots = process.env.CASELIGHT_SHOTS;
      if (shots) await window.screenshot(path.join(shots, `theme-${themes[theme]}.png`));
    }
  },
};

/** Contrast ratio of two opaque colours `rgb(r, g, b)` (WCAG 2.1). */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((value) => {
    const channel = Number(value) / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
