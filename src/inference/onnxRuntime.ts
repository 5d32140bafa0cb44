/** The module `onnxruntime-node`. */
export type OnnxRuntime = typeof import('onnxruntime-node');

/**
 * Loads ONNX Runtime with its telemetry off. Since 1.29 it writes a device id and events into the home folder and tries to
 * send them, unless told not to before its library is loaded (microsoft/onnxruntime#27379).
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  return import('onnxruntime-node');
}
