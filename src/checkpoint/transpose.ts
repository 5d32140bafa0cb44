/** 32 x 32 floats of source and target fit into the first-level cache together. */
const TILE = 32;

/**
 * The transpose of a matrix, as a new array: from Keras's and `MatMul`'s [inputs, outputs] to the [outputs, inputs] of
 * Hugging Face, for one.
 * @param values [rows, columns], row-major
 * @returns [columns, rows], row-major
 */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  if (values.length !== rows * columns) throw new Error(`${values.length} values are no ${rows} x ${columns} matrix`);
  const result = new Float32Array(values.length);
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(top + TILE, rows);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(left + TILE, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          result[column * rows + row] = values[row * columns + column] as number;
        }
      }
    }
  }
  return result;
}
