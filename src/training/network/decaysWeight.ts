/** Whether weight decay applies to a tensor: to matrices and tables, not to biases and norms, as is usual for BERT. */
export function decaysWeight(name: string): boolean {
  return !name.endsWith('.bias') && !/(?:LayerNorm|layer_norm)\.weight$/.test(name);
}
