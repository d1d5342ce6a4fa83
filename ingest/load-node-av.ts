import { ingestErrors } from './errors.ts';

type NodeAvModule = typeof import('./node-av/index.ts');

/**
 * Loads the decoder node-av when it is first needed: its binary is large, and who only supervises workers has no use
 * for it.
 * @param load - Replaces the import in tests.
 * @throws INGEST_NODE_AV_UNAVAILABLE - when its binary for this platform is not installed or does not load.
 */
export async function loadNodeAv(
  load: () => Promise<NodeAvModule> = () => import('./node-av/index.ts'),
): Promise<NodeAvModule> {
  try {
    return await load();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw ingestErrors.create('INGEST_NODE_AV_UNAVAILABLE', { reason }, { cause });
  }
}
