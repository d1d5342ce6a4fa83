import { connect } from 'node:net';

/** What a node knows of its cluster. */
export interface ClusterView {
  readonly brokers: number;
  /** Partitions some of whose replicas lag behind. */
  readonly outOfSync: number;
}

/**
 * Asks a node what it knows (Metadata, version 1, all topics), byte by byte: the client under test is not to judge when it can
 * be tested. A connection alone comes too early.
 * @returns null while the node does not answer.
 */
export function probeMetadata(port: number, timeoutMs = 1000): Promise<ClusterView | null> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = Buffer.alloc(0);
    const end = (view: ClusterView | null): void => {
      socket.destroy();
      resolve(view);
    };
    socket.setTimeout(timeoutMs, () => end(null));
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('connect', () => {
      // Size, api 3, version 1, correlation id 1, no client id, null topics.
      const request = Buffer.alloc(18);
      request.writeInt32BE(14, 0);
      request.writeInt16BE(3, 4);
      request.writeInt16BE(1, 6);
      request.writeInt32BE(1, 8);
      request.writeInt16BE(-1, 12);
      request.writeInt32BE(-1, 14);
      socket.write(request);
    });
    socket.on('data', chunk => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) end(readMetadata(answer));
    });
  });
}

function readMetadata(answer: Buffer): ClusterView {
  let at = 8;
  const skip = (bytes: number): void => {
    at += bytes;
  };
  const int16 = (): number => {
    skip(2);
    return answer.readInt16BE(at - 2);
  };
  const int32 = (): number => {
    skip(4);
    return answer.readInt32BE(at - 4);
  };
  const text = (): void => skip(Math.max(0, int16()));
  const list = <Item>(read: () => Item): Item[] => Array.from({ length: int32() }, read);
  const brokers = list(() => {
    skip(4);
    text();
    skip(4);
    text();
  }).length;
  skip(4);
  const missing = list(() => {
    skip(2);
    text();
    skip(1);
    return list(() => {
      skip(10);
      return list(int32).length - list(int32).length;
    });
  });
  return { brokers, outOfSync: missing.flat().filter(count => count > 0).length };
}
