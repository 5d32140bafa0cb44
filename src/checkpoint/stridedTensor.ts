/** Whether elements with these strides, in elements, lie row-major and without gaps. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Number of elements; Infinity if it is beyond all numbers. */
export function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** Elements from the first to the last of a tensor, those between that do not belong to it included. */
export function elementSpan(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((span, size, axis) => span + (size - 1) * (strides[axis] ?? 0), 1);
}

/**
 * Copies the elements of a tensor with strides, such as a transposed or an expanded one, into row-major order.
 * `values[0]` is its first element; strides count elements and are at least 0.
 */
export function gatherStrided(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  const gathered = new Float32Array(elementCount(shape));
  const rowLength = shape.at(-1) ?? 1;
  const rowStride = strides.at(-1) ?? 0;
  const index = shape.map(() => 0);
  let offset = 0;
  for (let done = 0; done < gathered.length; done += rowLength) {
    for (let column = 0; column < rowLength; column++) {
      gathered[done + column] = values[offset + column * rowStride] ?? Number.NaN;
    }
    offset += nextRow(index, shape, strides);
  }
  return gathered;
}

/** Counts `index` up by one row, last axis but one first. @returns by how many elements the start of the row moves */
function nextRow(index: number[], shape: readonly number[], strides: readonly number[]): number {
  let moved = 0;
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const [position = 0, size = 1, stride = 0] = [index[axis], shape[axis], strides[axis]];
    if (position + 1 < size) {
      index[axis] = position + 1;
      return moved + stride;
    }
    index[axis] = 0;
    moved -= position * stride;
  }
  return moved;
}
