// What the DSL costs over a hand-written loop over the same decisions, at 20,000 decisions a second.
//
// Usage: node dist/bench/dsl-overhead.js [rounds=5] [seconds=4]
import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorFunction } from 'rxjs';
import type { Decision } from '../cascade/index.ts';
import { encodeImage } from '../ingest/index.ts';
import {
  aggregate,
  CreditGate,
  deploy,
  type FrameItem,
  filter,
  frames,
  gatedSource,
  map,
  pipeline,
  toMemory,
  window,
} from '../streams-dsl/index.ts';
import { interleaved } from './statistics.ts';
import { printTable } from './table.ts';

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 4);
const decisionsPerSecond = 20_000;
/** Decisions come as a stream worker reports them, 32 looks at every 5th frame. */
const batchSize = 160;

const count = decisionsPerSecond * seconds;
/** 25 fps each, from 800 cameras' worth of frames: their times just go on. */
const decisions: readonly Decision[] = Array.from({ length: count }, (_, frame) => {
  const place = { stream: 'camera', frame, timestampUs: frame * 40_000, label: frame % 7 < 3, rawLabel: frame % 7 < 3 };
  return frame % 5 === 0
    ? { ...place, decidedBy: 'rejected', difference: frame % 100, confidence: (frame % 1000) / 1000 }
    : { ...place, decidedBy: 'skipped', inheritedFrom: frame - (frame % 5) };
});

/** Share of a core that was taken from the first decision to the last, in %: planning and starting do not count. */
let takenShare = Number.NaN;

/** The decisions in their batches, each when it is due; those that are late come at once. */
async function* paced(): AsyncGenerator<readonly Decision[]> {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  for (let from = 0; from < count; from += batchSize) {
    const waitMs = (from / decisionsPerSecond) * 1000 - (performance.now() - startedMs);
    if (waitMs > 0) await delay(waitMs);
    yield decisions.slice(from, from + batchSize);
  }
  const { user, system } = process.cpuUsage(startedCpu);
  takenShare = (user + system) / 10 / (performance.now() - startedMs);
}

interface Row {
  readonly stream: string;
  readonly timestampUs: number;
  readonly label: boolean;
  readonly sure: number;
}

const toRow = ({ stream, timestampUs, label, ...evidence }: Decision): Row => ({
  stream,
  timestampUs,
  label,
  sure: 'confidence' in evidence ? (evidence.confidence ?? 0) : 0,
});
const isLooked = ({ sure }: Row): boolean => sure > 0;

/** Counts and means of windows of 10 s, of the frames that were looked at. */
async function byDsl(): Promise<number> {
  // The stream's one frame makes way for decisions, behind a gate of their own as the frames of a stream have it.
  const precomputed: OperatorFunction<FrameItem, Decision> = () => gatedSource(paced, new CreditGate());
  const sink = toMemory<object>();
  const image = await encodeImage({ width: 16, height: 16, bytes: new Uint8Array(768) }, { format: 'png' });
  await using deployment = deploy(
    pipeline(
      'overhead',
      frames([{ image, timestampUs: 0 }]),
      precomputed,
      map(toRow),
      filter(isLooked),
      aggregate({
        over: window({ every: '10s' }),
        count: ({ label }: Row) => label,
        mean: ({ sure }: Row) => sure,
      }),
      sink,
    ),
  );
  await deployment.run();
  return sink.rows.length;
}

async function byLoop(): Promise<number> {
  const rows: object[] = [];
  let [startUs, items, positive, sum] = [0, 0, 0, 0];
  const close = (): void => {
    const endUs = startUs + 10_000_000;
    if (items > 0) rows.push({ startUs, endUs, items, complete: true, count: positive, mean: sum / items });
    [items, positive, sum] = [0, 0, 0];
  };
  for await (const batch of paced()) {
    for (const decision of batch) {
      const row = toRow(decision);
      if (!isLooked(row)) continue;
      const { timestampUs, label } = row;
      if (timestampUs >= startUs + 10_000_000) {
        close();
        startUs = timestampUs - (timestampUs % 10_000_000);
      }
      items++;
      if (label) positive++;
      sum += row.sure;
    }
  }
  close();
  return rows.length;
}

/** Runs one way, and checks that it gives as many rows as the other. */
async function share(way: () => Promise<number>): Promise<number> {
  const rows = await way();
  if (rows !== expectedRows) throw new Error(`There were ${rows} rows: expected ${expectedRows}.`);
  return takenShare;
}

const expectedRows = Math.ceil((count * 40_000) / 10_000_000);
const shares = await interleaved(rounds, { loop: () => share(byLoop), dsl: () => share(byDsl) });
const percent = (share: number): string => share.toFixed(1);
printTable(`${decisionsPerSecond} decisions a second through map, filter, aggregate, median of ${rounds}`, [
  { way: 'hand-written loop', '% of a core': percent(shares.loop), 'over the loop': '' },
  { way: 'pipeline', '% of a core': percent(shares.dsl), 'over the loop': percent(shares.dsl - shares.loop) },
]);
