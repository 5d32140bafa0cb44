import type { Scenario } from '../scenario.ts';
export const scenario: Scenario = {
  name: 'zz outside',
  files: { 'u.csv': 'id\nab\n' },
  limitMs: 8_000,
  async run({ window }) {
    console.log(
      await window.page.evaluate(
        "new Promise(r=>{const i=new Image();i.onload=()=>r('loaded');i.onerror=()=>r('error');i.src='https://example.org/x.png'})",
      ),
    );
  },
};
