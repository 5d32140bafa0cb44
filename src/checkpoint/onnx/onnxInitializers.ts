import { CheckpointFile } from '../checkpointFile.ts';
import { shownName, unsupportedFile } from '../checkpointRefusals.ts';
import { isFloatingPoint, notFloatingPoint, toFloat32 } from '../tensorElements.ts';
import type { TensorDataType, TensorSource } from '../tensorSource.ts';
import { transpose } from '../transpose.ts';
import { checkExternalData, readExternalData } from './onnxInitializersExternal.ts';
import { type OnnxGraphIndex, readGraphIndex } from './onnxInitializersGraph.ts';
import { type NamedInitializer, namedShape, nameInitializers } from './onnxInitializersNames.ts';
import type { OnnxInitializer } from './onnxInitializersTensor.ts';

/** Operators of ONNX itself that only a quantized model has. */
const quantizedOperators: ReadonlySet<string> = new Set([
  'ConvInteger',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'MatMulInteger',
  'QLinearMatMul',
  'QuantizeLinear',
]);

/**
 * The weights of a model that PyTorch exported to ONNX, under the names and in the shapes that they have in PyTorch. Only what
 * is asked for is read, from the model or from the files beside it.
 */
export class OnnxInitializers implements TensorSource {
  readonly fileName: string;

  private constructor(
    private readonly file: CheckpointFile,
    private readonly tensors: ReadonlyMap<string, NamedInitializer>,
  ) {
    this.fileName = file.name;
  }

  /**
   * Opens a model and reads its graph, without the data.
   * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for a file that is no ONNX model, is cut off or damaged, or
   * whose weights were changed for one runtime: quantized, or fused with others
   */
  static async open(path: string): Promise<OnnxInitializers> {
    const file = await CheckpointFile.open(path);
    try {
      const graph = await readGraphIndex(file);
      refuseRewritten(file.name, graph);
      const tensors = nameInitializers(file.name, graph);
      refuseFixedLength(file.name, tensors);
      await checkExternalData(path, besideTheModel(tensors.values()));
      return new OnnxInitializers(file, tensors);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  names(): readonly string[] {
    return [...this.tensors.keys()];
  }

  shape(name: string): readonly number[] {
    return namedShape(this.tensor(name));
  }

  dtype(name: string): TensorDataType {
    return this.tensor(name).initializer.dtype;
  }

  async read(name: string): Promise<Float32Array> {
    const { initializer, isTransposed } = this.tensor(name);
    const { dtype, shape } = initializer;
    if (!isFloatingPoint(dtype)) throw notFloatingPoint(this.fileName, shownName(name), dtype);
    const values = toFloat32(await this.readBytes(initializer), dtype);
    const [rows = 0, columns = 0] = shape;
    return isTransposed ? transpose(values, rows, columns) : values;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async readBytes({ name, data, sizeBytes }: OnnxInitializer): Promise<Uint8Array<ArrayBuffer>> {
    if (data.kind === 'inside') return this.file.read(data.range.begin, sizeBytes);
    if (data.kind === 'beside') return readExternalData(this.file.path, data.external, sizeBytes);
    if (sizeBytes === 0) return new Uint8Array(0);
    throw unsupportedFile(this.fileName, `stores ${shownName(name)} as no exporter of PyTorch does`);
  }

  private tensor(name: string): NamedInitializer {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`${this.fileName} has no tensor ${name}`);
    return tensor;
  }
}

function refuseRewritten(fileName: string, { nodes }: OnnxGraphIndex): void {
  for (const { operator, domain } of nodes) {
    if (quantizedOperators.has(operator)) {
      throw unsupportedFile(fileName, 'was quantized, which cannot be taken back');
    }
    if (domain === 'com.microsoft') {
      throw unsupportedFile(fileName, `was rewritten for ONNX Runtime (${shownName(operator)}), which joins weights`);
    }
  }
}

/** An export with inputs of one length keeps only the sum that it needs of the position embeddings. */
function refuseFixedLength(fileName: string, tensors: ReadonlyMap<string, NamedInitializer>): void {
  const isPart = (part: string) => [...tensors.keys()].some((name) => name.endsWith(`embeddings.${part}.weight`));
  if (isPart('word_embeddings') && isPart('token_type_embeddings') && !isPart('position_embeddings')) {
    throw unsupportedFile(fileName, 'was exported for texts of one length and has lost the position embeddings');
  }
}

function* besideTheModel(tensors: Iterable<NamedInitializer>) {
  for (const { initializer } of tensors) {
    const { data, sizeBytes } = initializer;
    if (data.kind === 'beside') yield { external: data.external, sizeBytes };
  }
}
