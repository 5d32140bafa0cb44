import { describe, expect, it } from 'vitest';
import { parseHostMessage, parseWorkerMessage } from '../../src/inference/protocol.ts';
import { modelSettings as settings } from '../support/modelSettings.ts';

const result = { index: 0, logits: Float32Array.of(1), truncated: false, tokenCount: 2 };

describe('the protocol of the inference process', () => {
  it.each([
    [{ type: 'init', protocolVersion: 1, settings }],
    [{ type: 'predict', id: 0, texts: ['a'] }],
    [{ type: 'cancel', id: 3 }],
  ])('takes from the host %j', (message) => expect(parseHostMessage(message)).toBe(message));

  it.each([
    [undefined],
    ['init'],
    [{ type: 'init', protocolVersion: 1, settings: { ...settings, precision: 'int4' } }],
    [{ type: 'init', protocolVersion: 1, settings: { ...settings, threads: -1 } }],
    [{ type: 'predict', id: 0, texts: ['a', 1] }],
    [{ type: 'predict', id: -1, texts: [] }],
    [{ type: 'cancel' }],
    [{ type: 'other' }],
  ])('refuses from the host %j', (message) => expect(parseHostMessage(message)).toBeUndefined());

  it.each([
    [{ type: 'ready', protocolVersion: 1 }],
    [{ type: 'progress', message: 'x' }],
    [{ type: 'results', id: 0, results: [result] }],
    [{ type: 'done', id: 1 }],
    [{ type: 'failure', code: 'INFERENCE_FAILED', message: 'x' }],
  ])('takes from the process %j', (message) => expect(parseWorkerMessage(message)).toBe(message));

  it.each([
    [null],
    [{ type: 'ready' }],
    [{ type: 'results', id: 0, results: [{ ...result, logits: [1] }] }],
    [{ type: 'results', id: 0, results: [{ ...result, index: 0.5 }] }],
    [{ type: 'results', id: 0 }],
    [{ type: 'done', id: '1' }],
    [{ type: 'failure', code: 1, message: 'x' }],
    [{ type: 'failure', code: 'X', message: 'x', id: 'y' }],
  ])('refuses from the process %j', (message) => expect(parseWorkerMessage(message)).toBeUndefined());
});
