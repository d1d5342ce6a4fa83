import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { fromErrorRecord } from '../../ingest/index.ts';
import { cliErrors } from './control-errors.ts';
import { controlFolder, controlSocket, listControlSockets } from './control-folder.ts';
import type { ControlAnswer, ControlQuestion } from './control-protocol.ts';
import type { RunStatus } from './run-status.ts';

/** A busy run answers within some ms; one that hangs never does. */
const answerTimeoutMs = 5000;

/**
 * Asks the runs of this user, or one of them.
 * @param pid - Number of the run's process; undefined: all.
 * @throws CLI_NO_RUN - when there is none, or not this one; CLI_RUN_SILENT - when one does not answer.
 */
export async function askRuns(question: ControlQuestion, pid: number | undefined): Promise<RunStatus[]> {
  const folder = controlFolder();
  const pids = (await listControlSockets(folder)).filter(each => pid === undefined || each === pid);
  const answers = await Promise.all(pids.map(each => ask(controlSocket(folder, each), each, question)));
  const found = answers.filter(answer => answer !== null);
  if (found.length > 0) return found;
  const expected = pid === undefined ? 'a `saccade run` of this user' : `a run of number ${pid}`;
  throw cliErrors.create('CLI_NO_RUN', { expected, found: 'none' });
}

/** Asks one run. @returns null where nobody listens any more; what a killed process left is taken away. */
async function ask(path: string, pid: number, question: ControlQuestion): Promise<RunStatus | null> {
  const text = await new Promise<string | null>((resolve, reject) => {
    const fail = (reason: string): void => reject(cliErrors.create('CLI_RUN_SILENT', { pid, reason }));
    const socket = connect(path);
    let received = '';
    socket.setEncoding('utf8').setTimeout(answerTimeoutMs, () => {
      socket.destroy();
      fail(`nothing within ${answerTimeoutMs} ms`);
    });
    socket.on('connect', () => socket.write(`${JSON.stringify(question)}\n`));
    socket.on('data', (more: string) => {
      received += more;
    });
    socket.on('end', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(null);
      else fail(error.message);
    });
  });
  if (text === null) {
    if (process.platform !== 'win32') await rm(path, { force: true });
    return null;
  }
  let answer: ControlAnswer;
  try {
    answer = JSON.parse(text) as ControlAnswer;
  } catch (cause) {
    throw cliErrors.create('CLI_RUN_SILENT', { pid, reason: 'its answer is no JSON' }, { cause });
  }
  if ('error' in answer) throw fromErrorRecord(answer.error);
  return answer.status;
}
