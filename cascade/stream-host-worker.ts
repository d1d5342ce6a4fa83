// Entry of a stream worker process that several programs share; those over the same stream decode it once.
import { openFootage, serveWorker, toErrorRecord } from '../ingest/index.ts';
import { type ServedStream, serveStream } from './serve-stream.ts';
import { SharedFootage } from './shared-footage.ts';
import type { FromStreamHost, ToStreamHost } from './stream-host-protocol.ts';

await serveWorker<ToStreamHost, FromStreamHost>(post => {
  const programs = new Map<number, ServedStream>();
  const readers = new Map<number, number>();
  const shared = new Map<number, Promise<SharedFootage>>();
  const serve = ({ member, stream }: { readonly member: number; readonly stream: number }): ServedStream => {
    const send: Parameters<typeof serveStream>[0] = message =>
      void post({ member, envelope: { kind: 'message', message } });
    const count = readers.get(stream) ?? 1;
    if (count <= 1 && !shared.has(stream)) return serveStream(send);
    return serveStream(send, async options => {
      const forget = (): boolean => shared.delete(stream);
      const opening =
        shared.get(stream) ?? openFootage(options).then(footage => new SharedFootage(footage, count, forget));
      shared.set(stream, opening);
      opening.catch(forget);
      return (await opening).view();
    });
  };
  return async message => {
    if (message.type === 'readers') {
      readers.set(message.stream, message.count);
      await shared.get(message.stream)?.then(
        footage => footage.expect(message.count),
        () => undefined,
      );
      return;
    }
    const { member } = message;
    if (message.type === 'leave') {
      programs.get(member)?.end();
      programs.delete(member);
      return;
    }
    if (message.message.type === 'open') programs.set(member, serve(message));
    try {
      await programs.get(member)?.receive(message.message);
    } catch (error) {
      programs.delete(member);
      await post({ member, envelope: { kind: 'failed', error: toErrorRecord(error) } });
    }
  };
});
