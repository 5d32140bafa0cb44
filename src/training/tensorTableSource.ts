import type { TensorDataType, TensorSource } from '../checkpoint/tensorSource.ts';

/** A tensor of float32 that is read when it is asked for. */
export interface TableTensor {
  readonly name: string;
  /** Default: one dimension of `length`. */
  readonly shape?: readonly number[];
  readonly length: number;
  readonly read: () => Promise<Float32Array>;
}

/** Tensors of a program as a source that can be written. */
export class TensorTableSource implements TensorSource {
  readonly fileName = 'model.safetensors';
  private readonly table: ReadonlyMap<string, TableTensor>;

  constructor(tensors: readonly TableTensor[]) {
    this.table = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }

  names(): readonly string[] {
    return [...this.table.keys()];
  }

  shape(name: string): readonly number[] {
    const { shape, length } = this.tensor(name);
    return shape ?? [length];
  }

  dtype(): TensorDataType {
    return 'F32';
  }

  read(name: string): Promise<Float32Array> {
    return this.tensor(name).read();
  }

  async close(): Promise<void> {}

  private tensor(name: string): TableTensor {
    const tensor = this.table.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name} in the table`);
    return tensor;
  }
}
