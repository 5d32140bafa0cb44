import { describe, expect, it } from 'vitest';
import { parsePanelRequest } from '../../../src/core/training/panelProtocol.ts';
import { newRunView, type RunView, withEarlierEpochs, withLine, withStep } from '../../../src/core/training/runView.ts';

/** A view after some steps of one second each. */
function viewAfter(steps: number, whole: number): RunView {
  let view: RunView = { ...newRunView('mine'), steps: whole, epochs: 5 };
  for (let step = 1; step <= steps; step++) {
    view = withStep(view, { step, loss: 1 / step, accuracy: 0.5 }, { seconds: step, done: step });
  }
  return view;
}

describe('what the panel shows of a run', () => {
  it('tells steps a second and the time that is left', () => {
    expect(viewAfter(10, 40)).toMatchObject({ state: 'training', step: 10, stepsPerSecond: 1, secondsLeft: 30 });
  });

  it('keeps no more points than a curve can show', () => {
    const { curve } = viewAfter(5_000, 5_000);
    expect(curve.length).toBeGreaterThan(400);
    expect(curve.length).toBeLessThanOrEqual(600);
  });

  it('smooths what single batches say', () => {
    const { curve } = viewAfter(3, 10);
    expect(curve.map(({ loss }) => loss)).toEqual([1, 0.9, 0.9 + 0.2 * (1 / 3 - 0.9)]);
  });

  it('shows the epochs of a run that goes on, and follows from them', () => {
    const history = [
      { epoch: 1, trainLoss: 0.9, trainAccuracy: 0.5, best: true },
      { epoch: 2, trainLoss: 0.6, trainAccuracy: 0.75, best: true },
    ];
    const resumed = withEarlierEpochs({ ...newRunView('mine'), steps: 50, epochs: 5, step: 20 }, history);
    expect(resumed.history).toEqual(history);
    const { curve } = withStep(resumed, { step: 21, loss: 0.1, accuracy: 1 }, { seconds: 1, done: 1 });
    expect(curve).toEqual([
      { step: 10, loss: 0.9, accuracy: 0.5 },
      { step: 20, loss: 0.6, accuracy: 0.75 },
      { step: 21, loss: expect.closeTo(0.5), accuracy: expect.closeTo(0.8) },
    ]);
  });

  it('adds lines to the log', () => {
    expect(withLine(withLine(newRunView('mine'), 'a'), 'b').log).toEqual(['a', 'b']);
  });
});

describe('parsePanelRequest', () => {
  it.each(['ready', 'cancel', 'use', 'keep', 'retrain', 'showLog'])('knows %s', (type) => {
    expect(parsePanelRequest({ type })).toEqual({ type });
  });

  it.each([undefined, null, 'cancel', {}, { type: 'run' }, { type: ['cancel'] }])('passes over %j', (value) => {
    expect(parsePanelRequest(value)).toBeUndefined();
  });
});
