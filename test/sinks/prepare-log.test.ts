import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../cascade/index.ts';
import {
  prepareDecisionLog,
  prepareIntervalLog,
  type RunRecord,
  readDecisions,
  runRecordPath,
} from '../../sinks/index.ts';
import { temporaryFolder } from '../cascade/models/model-folder.ts';
import { sampleDecisions } from './sample-decisions.ts';

const record: RunRecord = { schema: 'saccade/run/1', footage: 'f'.repeat(64), plan: 'p'.repeat(64), stream: 'door' };
const decisions = sampleDecisions('=-rRAAr');
let path: string;

beforeEach(async () => {
  path = join(await temporaryFolder(), 'out.jsonl');
});

async function writeAll(rows: readonly Decision[]): Promise<string> {
  await using sink = await (await prepareDecisionLog({ path, record, existing: 'replace' })).open();
  await sink.write(rows);
  await sink.flush();
  return readFile(path, 'utf8');
}

async function resume(from: RunRecord = record): Promise<Decision[]> {
  const history: Decision[] = [];
  const onHistory = (decision: Decision): void => void history.push(decision);
  const log = await prepareDecisionLog({ path, record: from, existing: 'resume', onHistory });
  await using sink = await log.open();
  await sink.write(decisions.slice(history.length));
  return history;
}

describe('a new output', () => {
  it('changes nothing until it is opened, then says what it is made from', async () => {
    const log = await prepareDecisionLog({ path, record });
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await (await log.open())[Symbol.asyncDispose]();
    expect(JSON.parse(await readFile(runRecordPath(path), 'utf8'))).toEqual(record);
  });

  it('does not replace one that has rows, unless told to', async () => {
    const before = await writeAll(decisions);
    await expect(prepareDecisionLog({ path, record })).rejects.toMatchObject({ code: 'SINK_OUTPUT_EXISTS' });
    await expect(prepareIntervalLog({ path, record })).rejects.toMatchObject({ code: 'SINK_OUTPUT_EXISTS' });
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('takes the place of an empty file', async () => {
    await writeFile(path, '');
    await (await (await prepareDecisionLog({ path, record })).open())[Symbol.asyncDispose]();
  });
});

describe('a resumed output', () => {
  it.each([
    ['nothing', (_: string) => ''],
    ['a part of the first row', (text: string) => text.slice(0, 5)],
    ['whole rows', (text: string) => text.split('\n').slice(0, 3).join('\n').concat('\n')],
    ['a row without its line break', (text: string) => text.split('\n').slice(0, 3).join('\n')],
    ['a torn row', (text: string) => text.slice(0, text.length - 7)],
    [
      'a last line of zeros, after a power cut',
      (text: string) => `${text.split('\n').slice(0, 2).join('\n')}\n\0\0\0\n`,
    ],
    ['everything', (text: string) => text],
  ])('is the same as one written at once, after %s', async (_, cut) => {
    const whole = await writeAll(decisions);
    await writeFile(path, cut(whole));
    await resume();
    expect(await readFile(path, 'utf8')).toBe(whole);
  });

  it('hands out what was written', async () => {
    const whole = await writeAll(decisions);
    await writeFile(path, whole.split('\n').slice(0, 4).join('\n').concat('\n{"to'));
    expect((await resume()).map(({ frame }) => frame)).toEqual([0, 1, 2, 3]);
  });

  it('begins a new one when there is none', async () => {
    expect(await resume()).toEqual([]);
    expect((await readDecisions(path)).length).toBe(decisions.length);
  });

  it.each(['footage', 'plan', 'stream'] as const)('must be made from the same %s', async field => {
    const before = await writeAll(decisions.slice(0, 3));
    await expect(resume({ ...record, [field]: 'other' })).rejects.toMatchObject({
      code: 'SINK_RESUME_MISMATCH',
      message: expect.stringContaining(`expected ${field} ${record[field]}, got other`),
    });
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('needs its record', async () => {
    await writeAll(decisions.slice(0, 3));
    await writeFile(runRecordPath(path), '{"schema":"other"}');
    await expect(resume()).rejects.toMatchObject({ code: 'SINK_RESUME_RECORD_MISSING' });
    await rm(runRecordPath(path));
    await expect(resume()).rejects.toMatchObject({
      code: 'SINK_RESUME_RECORD_MISSING',
      message: expect.stringContaining('is not there'),
    });
  });

  it('refuses a file that was damaged before its end, or lacks frames', async () => {
    const lines = (await writeAll(decisions)).split('\n');
    await writeFile(path, [lines[0], 'damaged', ...lines.slice(2)].join('\n'));
    await expect(resume()).rejects.toMatchObject({
      code: 'SINK_ROW_INVALID',
      message: expect.stringContaining('Line 2'),
    });
    await writeFile(path, [lines[0], ...lines.slice(2)].join('\n'));
    await expect(resume()).rejects.toMatchObject({
      code: 'SINK_ROW_INVALID',
      message: expect.stringContaining('expected frame 1, got frame 2'),
    });
  });
});

describe('reading decisions', () => {
  it('gives what was written, without the evidence', async () => {
    await writeAll(decisions);
    expect(await readDecisions(path)).toEqual(
      decisions.map(({ frame, timestampUs, label, rawLabel, decidedBy }) => ({
        frame,
        timestampUs,
        label,
        rawLabel,
        decidedBy,
      })),
    );
  });

  it('says what is wrong with a file', async () => {
    await expect(readDecisions(path)).rejects.toMatchObject({ code: 'SINK_ROWS_UNREADABLE' });
    const whole = await writeAll(decisions);
    await writeFile(path, whole.slice(0, -1));
    await expect(readDecisions(path)).rejects.toMatchObject({
      code: 'SINK_ROW_INVALID',
      message: expect.stringContaining('cut off'),
    });
  });
});
