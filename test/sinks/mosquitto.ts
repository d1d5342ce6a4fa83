import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';
import { temporaryFolder } from '../cascade/models/model-folder.ts';

/** Where Debian puts it, which is not on every user's PATH. */
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` };

/** Whether a real Mosquitto is installed. */
export function hasMosquitto(): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v mosquitto mosquitto_passwd'], { env: environment });
    return true;
  } catch {
    console.warn('The MQTT sink is not tested against a broker: install one with `apt-get install mosquitto`.');
    return false;
  }
}

/** A broker of this test alone. */
export interface Mosquitto extends AsyncDisposable {
  readonly url: string;
  /** Ends the broker; what it kept is lost. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** Starts a broker on a free port that lets in `door` with the password `s3cret`, or (without `user`) everybody. */
export async function startMosquitto({ user = false }: { readonly user?: boolean } = {}): Promise<Mosquitto> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const passwords = join(folder, 'passwords');
  if (user) execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'door', 's3cret'], { env: environment });
  // As root it would become a user of its own, who cannot read the folder.
  const lines = [`listener ${port} 127.0.0.1`, 'persistence false', 'user root', 'log_dest stderr'];
  lines.push(user ? `allow_anonymous false\npassword_file ${passwords}` : 'allow_anonymous true');
  const conf = join(folder, 'mosquitto.conf');
  await writeFile(conf, `${lines.join('\n')}\n`);
  let running: ChildProcess | null = null;
  const broker: Mosquitto = {
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      const child = spawn('mosquitto', ['-c', conf], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
      running = child;
      let said = '';
      child.stderr.on('data', chunk => {
        said += chunk;
      });
      await vi.waitFor(() => {
        if (!said.includes('running')) throw new Error(`Mosquitto does not run: ${said}`);
      }, 10_000);
    },
    async stop() {
      if (running === null) return;
      const ended = once(running, 'exit');
      running.kill('SIGTERM');
      running = null;
      await ended;
    },
    async [Symbol.asyncDispose]() {
      await broker.stop();
    },
  };
  await broker.start();
  return broker;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
