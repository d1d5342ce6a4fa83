import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchKafka, java } from './fetch-kafka.ts';

const run = promisify(execFile);

/** A record as Apache's own client sees it. */
export interface JudgedRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What parts the fields of a line; no test writes it. */
const separator = '\u0001';

/**
 * Reads a whole topic with Apache's own client, which sees committed records alone: what judges our own. It gives up after three
 * seconds without a record, which on a busy machine may be too soon; so it is asked again when there should be more.
 * @param expected - Records that should be there.
 * @returns in the order of each partition.
 */
export async function judge(brokers: readonly string[], topic: string, expected: number): Promise<JudgedRecord[]> {
  let records = await readAll(brokers, topic);
  for (let again = 0; again < 3 && records.length < expected; again++) records = await readAll(brokers, topic);
  return records;
}

async function readAll(brokers: readonly string[], topic: string): Promise<JudgedRecord[]> {
  const libs = await fetchKafka();
  const jars = (await readdir(libs)).filter(name => name.endsWith('.jar')).map(name => join(libs, name));
  const print = ['partition', 'key', 'headers'].flatMap(part => ['--formatter-property', `print.${part}=true`]);
  const { stdout } = await run(
    java,
    [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      jars.join(':'),
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      '--bootstrap-server',
      brokers.join(','),
      '--topic',
      topic,
      '--from-beginning',
      '--isolation-level',
      'read_committed',
      '--timeout-ms',
      '3000',
      ...print,
      '--formatter-property',
      `key.separator=${separator}`,
      '--formatter-property',
      `headers.separator=${'\u0002'}`,
    ],
    { maxBuffer: 2 ** 28 },
  ).catch((error: { stdout?: string; stderr?: string; code?: number }) => {
    // Its way to say that no more records came.
    if (error.stderr?.includes('TimeoutException')) return { stdout: error.stdout ?? '' };
    throw error;
  });
  return stdout
    .split('\n')
    .filter(line => line.startsWith('Partition:'))
    .map(line => {
      const [partition = '', headers = '', key = '', value = ''] = line.split(separator);
      const told = headers.split('\u0002').filter(each => each !== '' && each !== 'NO_HEADERS');
      return {
        partition: Number(partition.slice('Partition:'.length)),
        key: key === 'null' ? null : key,
        value,
        headers: Object.fromEntries(
          told.map(each => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1)]),
        ),
      };
    });
}
