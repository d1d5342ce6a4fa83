import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { benchFolder, dataFolder } from './bench-footage.ts';
import type { OptimizeQuery } from './optimize-queries.ts';

/** What the motion gate did. */
export interface GatedLoop {
  readonly framesPerSecond: number;
  readonly calls: number;
  /** By frame. */
  readonly answers: ReadonlyMap<number, boolean>;
}

/**
 * The detector behind a MOG2 motion gate that holds the last answer on still frames, as a Python user writes it, over the
 * later footage of a query; null, with a line that says why, where there is no Python or it lacks the detector.
 */
export async function motionGate({ name, later, id, python: query }: OptimizeQuery): Promise<GatedLoop | null> {
  const python = process.env['SACCADE_BASELINE_PYTHON'];
  if (query === null) return null;
  if (python === undefined) {
    console.log(
      `skipped: the motion gate on ${name}; set SACCADE_BASELINE_PYTHON to a Python with opencv and onnxruntime`,
    );
    return null;
  }
  const script = join(dataFolder(), '..', 'peers', 'baseline_loop.py');
  const out = join(benchFolder, `motion-gate-${id}.jsonl`);
  const gate = ['--gate', 'mog2', '--still', 'hold', '--model', query.model, '--query', query.classes, '--out', out];
  const { stdout } = await promisify(execFile)(python, [script, later, ...gate]);
  const [, fps, calls] = /([\d.]+) fps,.* (\d+) detector calls/.exec(stdout) ?? [];
  const rows = (await readFile(out, 'utf8')).trim().split('\n');
  const answers = rows.map(line => JSON.parse(line) as { readonly frame: number; readonly answer: boolean });
  return {
    framesPerSecond: Number(fps),
    calls: Number(calls),
    answers: new Map(answers.map(({ frame, answer }) => [frame, answer])),
  };
}
