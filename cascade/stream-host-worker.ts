// Entry of a stream worker process that several programs over the same footage share: it is decoded once.
import { openFootage, serveWorker, toErrorRecord } from '../ingest/index.ts';
import { type ServedStream, serveStream } from './serve-stream.ts';
import { SharedFootage } from './shared-footage.ts';
import type { FromStreamHost, ToStreamHost } from './stream-host-protocol.ts';

await serveWorker<ToStreamHost, FromStreamHost>(post => {
  const streams = new Map<number, ServedStream>();
  let shared: Promise<SharedFootage> | null = null;
  let members = 0;
  const serve = (member: number): ServedStream =>
    serveStream(
      message => void post({ member, envelope: { kind: 'message', message } }),
      async options => {
        shared ??= openFootage(options).then(footage => new SharedFootage(footage, members));
        return (await shared).view();
      },
    );
  return async message => {
    if (message.type === 'members') {
      members = message.count;
      if (shared !== null) (await shared).expect(members);
      return;
    }
    const { member } = message;
    if (message.type === 'leave') {
      streams.get(member)?.end();
      streams.delete(member);
      return;
    }
    if (message.message.type === 'open') streams.set(member, serve(member));
    try {
      await streams.get(member)?.receive(message.message);
    } catch (error) {
      streams.delete(member);
      await post({ member, envelope: { kind: 'failed', error: toErrorRecord(error) } });
    }
  };
});
