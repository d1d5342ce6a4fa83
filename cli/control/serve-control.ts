import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { toErrorRecord } from '../../ingest/index.ts';
import { controlFolder, controlSocket, prepareControlFolder } from './control-folder.ts';
import { type ControlAnswer, type ControlQuestion, questionSchema } from './control-protocol.ts';
import type { ControlledRun, RunStatus } from './run-status.ts';

/** Longest question in bytes, and longest time for it in ms. */
const mostBytes = 65_536;
const questionTimeoutMs = 5000;

/**
 * Answers `saccade status`, `pause` and `resume` for as long as a run lasts, to this user alone: on a socket of its own in a folder
 * that nobody else may enter. A run goes on without it where that cannot be: then it says why on standard error.
 */
export async function serveControl(
  run: ControlledRun,
  { isQuiet }: { readonly isQuiet: boolean },
): Promise<AsyncDisposable> {
  const folder = controlFolder();
  const path = controlSocket(folder, process.pid);
  const startedAt = new Date().toISOString();
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    answerOne(socket, question => {
      if (question.command !== 'status') run.pause(question.streams, question.command === 'pause');
      return { pid: process.pid, startedAt, ...run.status() };
    });
  });
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>(resolve => server.close(() => resolve()));
  };
  try {
    const refusal = await prepareControlFolder(folder);
    if (refusal !== null) throw new Error(refusal);
    // Left by a process of the same number that was killed.
    if (process.platform !== 'win32') await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    if (process.platform !== 'win32') await chmod(path, 0o600);
    // It does not keep a process alive whose run is over.
    server.unref();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!isQuiet) process.stderr.write(`saccade status will not see this run: ${reason}\n`);
  }
  server.on('error', () => undefined);
  return { [Symbol.asyncDispose]: end };
}

/** Reads one line of a connection, and writes one. */
function answerOne(socket: Socket, answer: (question: ControlQuestion) => RunStatus): void {
  let text = '';
  socket.setEncoding('utf8').setTimeout(questionTimeoutMs, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('data', (more: string) => {
    text += more;
    if (text.length > mostBytes) socket.destroy();
    if (!text.includes('\n')) return;
    socket.removeAllListeners('data');
    socket.end(`${JSON.stringify(answerTo(text.slice(0, text.indexOf('\n')), answer))}\n`);
  });
}

function answerTo(line: string, answer: (question: ControlQuestion) => RunStatus): ControlAnswer {
  try {
    return { status: answer(questionSchema.parse(JSON.parse(line))) };
  } catch (error) {
    return { error: toErrorRecord(error) };
  }
}
