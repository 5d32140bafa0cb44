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
