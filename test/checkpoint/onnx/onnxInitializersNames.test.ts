import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OnnxInitializers } from '../../../src/checkpoint/onnx/onnxInitializers.ts';
import { allTensors } from '../../support/goldenLogits.ts';
import { floatBytes, onnxBytes, type TestNode, type TestTensor } from '../../support/onnxBytes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

async function open(tensors: readonly TestTensor[], nodes: readonly TestNode[]): Promise<OnnxInitializers> {
  const file = path.join(temporaryFolder(), 'model.onnx');
  writeFileSync(file, onnxBytes(tensors, nodes));
  const source = await OnnxInitializers.open(file);
  onTestFinished(() => source.close());
  return source;
}

const query = 'bert.encoder.layer.0.attention.self.query';
const inputsFirst = (name: string): TestTensor => ({ name, dims: [2, 3], raw: floatBytes(1, 2, 3, 4, 5, 6) });
const outputsFirst = (name: string): TestTensor => ({ name, dims: [3, 2], raw: floatBytes(1, 4, 2, 5, 3, 6) });
const bias = (name: string): TestTensor => ({ name, dims: [3], raw: floatBytes(7, 8, 9) });
const matMul: TestNode = { operator: 'MatMul', inputs: ['x', 'onnx::MatMul_1'], output: 'xw' };
const traced = [inputsFirst('onnx::MatMul_1'), bias(`${query}.bias`)];

describe('a linear layer that was exported', () => {
  it.each<[string, TestTensor[], TestNode[]]>([
    ['MatMul and Add', traced, [matMul, { operator: 'Add', inputs: ['xw', `${query}.bias`], output: 'y' }]],
    [
      'MatMul and Add the other way round',
      traced,
      [matMul, { operator: 'Add', inputs: [`${query}.bias`, 'xw'], output: 'y' }],
    ],
    [
      'Gemm of the transpose',
      [outputsFirst(`${query}.weight`), bias(`${query}.bias`)],
      [{ operator: 'Gemm', inputs: ['x', `${query}.weight`, `${query}.bias`], output: 'y', transB: 1 }],
    ],
    [
      'Gemm',
      [inputsFirst('val_3'), bias(`${query}.bias`)],
      [{ operator: 'Gemm', inputs: ['x', 'val_3', `${query}.bias`], output: 'y' }],
    ],
    [
      'Transpose, MatMul and Add',
      [outputsFirst('stored'), bias(`${query}.bias`)],
      [
        { operator: 'Transpose', inputs: ['stored'], output: 'onnx::MatMul_1', perm: [1, 0] },
        matMul,
        { operator: 'Add', inputs: ['xw', `${query}.bias`], output: 'y' },
      ],
    ],
    [
      'Cast, MatMul and Add',
      [inputsFirst('stored'), bias(`${query}.bias`)],
      [
        { operator: 'Cast', inputs: ['stored'], output: 'onnx::MatMul_1' },
        matMul,
        { operator: 'Add', inputs: ['xw', `${query}.bias`], output: 'y' },
      ],
    ],
    [
      'MatMul and Add with the name in the node',
      [inputsFirst('onnx::MatMul_1'), bias('onnx::Add_2')],
      [
        matMul,
        { operator: 'Add', inputs: ['onnx::Add_2', 'xw'], output: 'y', name: `/${query.replaceAll('.', '/')}/Add` },
      ],
    ],
    [
      'MatMul and Add with the name in the metadata',
      [inputsFirst('onnx::MatMul_1'), bias('bert.pooler.dense.bias')],
      [matMul, { operator: 'Add', inputs: ['xw', 'bert.pooler.dense.bias'], output: 'y', module: query }],
    ],
  ])('as %s has the name and shape of PyTorch', async (_, tensors, nodes) => {
    const found = await allTensors(await open(tensors, nodes));
    expect(found).toMatchObject({
      [`${query}.weight`]: { shape: [3, 2], values: Float32Array.of(1, 4, 2, 5, 3, 6) },
      [`${query}.bias`]: { shape: [3], values: Float32Array.of(7, 8, 9) },
    });
    expect(Object.keys(found)).not.toContain('onnx::MatMul_1');
  });

  it('keeps its name when the bias has another length', async () => {
    const tensors = [inputsFirst('onnx::MatMul_1'), { name: `${query}.bias`, dims: [2], raw: floatBytes(1, 2) }];
    const source = await open(tensors, [matMul, { operator: 'Add', inputs: ['xw', `${query}.bias`], output: 'y' }]);
    expect(source.names()).toEqual(['onnx::MatMul_1', `${query}.bias`]);
  });

  it('is refused when two weights would have its name', async () => {
    const tensors = [...traced, inputsFirst('onnx::MatMul_2')];
    const add = (input: string): TestNode => ({
      operator: 'Add',
      inputs: [input, `${query}.bias`],
      output: `${input}+b`,
    });
    const nodes = [matMul, add('xw'), { ...matMul, inputs: ['y', 'onnx::MatMul_2'], output: 'yw' }, add('yw')];
    await expect(open(tensors, nodes)).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining(`gives the name ${query} to two layers`),
    });
  });
});

describe('a tensor that was equal to another', () => {
  it('is found through Identity', async () => {
    const source = await open([bias('a.bias')], [{ operator: 'Identity', inputs: ['a.bias'], output: 'b.bias' }]);
    expect([...(await source.read('b.bias'))]).toEqual([7, 8, 9]);
    expect(source.names()).toEqual(['a.bias', 'b.bias']);
  });

  it('is found through the metadata of a norm', async () => {
    const norm = 'bert.encoder.layer.3.output.LayerNorm';
    const source = await open(
      [bias('a.weight'), bias('a.bias')],
      [{ operator: 'LayerNormalization', inputs: ['x', 'a.weight', 'a.bias'], output: 'y', module: norm }],
    );
    expect(source.names()).toEqual(['a.weight', 'a.bias', `${norm}.weight`, `${norm}.bias`]);
    expect([...(await source.read(`${norm}.weight`))]).toEqual([7, 8, 9]);
  });

  it('is found when weights of two linear layers are one', async () => {
    const other = query.replace('query', 'key');
    const nodes: TestNode[] = [
      matMul,
      { operator: 'Add', inputs: ['xw', `${query}.bias`], output: 'y' },
      { operator: 'Add', inputs: ['xw', `${other}.bias`], output: 'z' },
    ];
    const source = await open([...traced, bias(`${other}.bias`)], nodes);
    expect(await source.read(`${query}.weight`)).toEqual(await source.read(`${other}.weight`));
  });
});

describe('a model that was made for one purpose', () => {
  it.each<[string, TestTensor[], TestNode[], string]>([
    ['quantized', [], [{ operator: 'MatMulInteger', inputs: [], output: 'y' }], 'was quantized'],
    [
      'fused',
      [],
      [{ operator: 'Attention', domain: 'com.microsoft', inputs: [], output: 'y' }],
      'ONNX Runtime (Attention)',
    ],
    [
      'exported for one length',
      [bias('bert.embeddings.word_embeddings.weight'), bias('bert.embeddings.token_type_embeddings.weight')],
      [],
      'texts of one length',
    ],
  ])('is refused when it was %s', async (_, tensors, nodes, message) => {
    await expect(open(tensors, nodes)).rejects.toMatchObject({
      name: 'UserError',
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining(message),
    });
  });
});
