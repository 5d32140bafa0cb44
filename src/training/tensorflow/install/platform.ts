import { readFile } from 'node:fs/promises';
import { UserError } from '../../../core/userError.ts';

/**
 * The binding is made for one kind of machine so far.
 * @throws UserError ENGINE_NOT_INSTALLED on any other
 */
export function requireTensorFlowPlatform(platform: string, arch: string): void {
  if (platform === 'linux' && arch === 'x64') return;
  throw new UserError(
    'ENGINE_NOT_INSTALLED',
    `The TensorFlow engine exists for Linux on x64 only, and this is ${platform} on ${arch}: train with the engine onnxruntime, which needs nothing to be installed.`,
  );
}

/**
 * Whether TensorFlow runs here: where the processor lacks AVX, the library would end the process as it is loaded.
 * @param cpuinfo what Linux says of the processor
 * @throws UserError ENGINE_NOT_INSTALLED
 */
export async function requireTensorFlowMachine(
  cpuinfo: () => Promise<string> = () => readFile('/proc/cpuinfo', 'utf8'),
): Promise<void> {
  requireTensorFlowPlatform(process.platform, process.arch);
  const text = await cpuinfo().catch(() => undefined);
  if (text === undefined || /^flags\s*:.*\bavx\b/m.test(text)) return;
  throw new UserError(
    'ENGINE_NOT_INSTALLED',
    'The TensorFlow engine needs a processor with AVX, which this machine lacks: train with the engine onnxruntime.',
  );
}
