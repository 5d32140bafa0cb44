import type { TensorDataType, TensorSource } from '../../src/checkpoint/tensorSource.ts';

/** A checkpoint in memory: names and shapes, every element a small number that depends on where it is. */
export class FakeTensorSource implements TensorSource {
  readonly fileName = 'model.safetensors';
  /** How many tensors were read so far. */
  readCount = 0;

  constructor(
    private readonly shapes: ReadonlyMap<string, readonly number[]>,
    private readonly dataType: TensorDataType = 'F32',
  ) {}

  names(): readonly string[] {
    return [...this.shapes.keys()];
  }

  shape(name: string): readonly number[] {
    const shape = this.shapes.get(name);
    if (shape === undefined) throw new Error(`no tensor ${name}`);
    return shape;
  }

  dtype(): TensorDataType {
    return this.dataType;
  }

  async read(name: string): Promise<Float32Array> {
    this.readCount++;
    const length = this.shape(name).reduce((product, size) => product * size, 1);
    return Float32Array.from({ length }, (_, index) => Math.sin(index + name.length));
  }

  async close(): Promise<void> {}
}
