import { checkOutput, readSecret, type SecretSource } from '../../sinks/index.ts';

/**
 * Says whether a sink that delivers over the network has its secret and could write its dead letters; connects to nothing.
 * @throws SINK_SECRET_MISSING, SINK_OUTPUT_UNWRITABLE - as their texts say.
 */
export async function checkDelivery(
  secret: SecretSource | undefined,
  deadLetterPath: string | undefined,
): Promise<void> {
  if (secret !== undefined) await readSecret(secret);
  if (deadLetterPath !== undefined) await checkOutput(deadLetterPath);
}
