import { Command, Option } from 'commander';
import { type KafkaRecord, loadKafka } from '../../ingest/index.ts';
import { openKafkaAccess } from '../../sinks/index.ts';
import { wholeNumber } from '../parse-options.ts';
import { type CommandContext, runCommand } from '../run-command.ts';
import { UsageError } from '../usage-error.ts';
import { addConnectionOptions, type ConnectionValues, connectionOf } from './connection-options.ts';

interface Values extends ConnectionValues {
  readonly from: string;
  readonly limit?: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `saccade kafka consume`: what is in a topic. */
export function createConsumeCommand(): Command {
  const command = new Command('consume')
    .summary('show what is in a topic')
    .description(
      'Shows the records of a topic, committed ones alone, a line each. It joins no group and commits nothing.',
    );
  return addConnectionOptions(command)
    .addOption(new Option('--from <start>', 'earliest, latest, or a time as RFC 3339 has it').default('earliest'))
    .option('--limit <n>', 'records to show (default: all that are there)', wholeNumber(1))
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .option('--json', 'print records as JSON Lines, images as their sizes in bytes')
    .addHelpText('after', '\nExample:\n  $ saccade kafka consume --topic answers --limit 10')
    .action((values: Values) => runCommand(values, context => consume(values, context)));
}

async function consume(values: Values, { json, signal }: CommandContext): Promise<void> {
  const { topic, limit = Number.POSITIVE_INFINITY, follow = false } = values;
  const from = startOf(values.from);
  const { KafkaReader } = await loadKafka();
  await using reader = await KafkaReader.open({ access: await openKafkaAccess(connectionOf(values)), topic, from });
  let shown = 0;
  while (shown < limit && !signal.aborted && (follow || !reader.isAtEnd)) {
    const records = await reader.next();
    const lines = records.slice(0, limit - shown).map(record => (json ? asJson(record) : asText(record)));
    shown += lines.length;
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function startOf(text: string): 'earliest' | 'latest' | Date {
  if (text === 'earliest' || text === 'latest') return text;
  const date = new Date(text);
  if (Number.isNaN(+date))
    throw new UsageError(`--from is earliest, latest or a time such as 2026-06-01T12:00:00Z, not "${text}".`);
  return date;
}

function asJson({ partition, offset, timestampMs, key, value, headers }: KafkaRecord): string {
  return JSON.stringify({
    partition,
    offset: Number(offset),
    time: new Date(timestampMs).toISOString(),
    key: key?.toString() ?? null,
    headers: Object.fromEntries(headers),
    value: value === null ? null : (parsed(value) ?? { bytes: value.length }),
  });
}

function asText({ partition, offset, key, value, headers }: KafkaRecord): string {
  const type = headers.get('ce_type') ?? headers.get('content-type') ?? '';
  const text = value === null ? '(no value)' : isText(value) ? value.toString() : `(${value.length} bytes)`;
  return `${partition}/${offset}  ${key?.toString() ?? '-'}  ${type}  ${text.length > 200 ? `${text.slice(0, 197)}...` : text}`;
}

function isText(value: Buffer): boolean {
  return !value.subarray(0, 64).some(byte => byte < 9 || byte > 126);
}

/** JSON as data; undefined for anything else. */
function parsed(value: Buffer): unknown {
  if (!isText(value)) return undefined;
  try {
    return JSON.parse(value.toString()) as unknown;
  } catch {
    return value.toString();
  }
}
