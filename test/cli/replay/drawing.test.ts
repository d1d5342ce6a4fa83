import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../cascade/index.ts';
import { Annotator, bannerHeight } from '../../../cli/replay/annotate.ts';
import { forEachTextPixel, textWidth } from '../../../cli/replay/bitmap-font.ts';
import { Canvas } from '../../../cli/replay/canvas.ts';
import { chooseStills } from '../../../cli/replay/choose-stills.ts';
import type { Replay } from '../../../cli/replay/replay-data.ts';
import { createYuvPicture, yuvToRgb } from '../../../fixtures/index.ts';
import { seeded } from '../../cascade/random.ts';
import { sampleDecisions } from '../../sinks/sample-decisions.ts';

function drawn(text: string): string[] {
  const rows = Array.from({ length: 7 }, () => new Array<string>(textWidth(text)).fill('.'));
  forEachTextPixel(text, (x, y) => {
    const row = rows[y];
    if (row !== undefined && x < row.length) row[x] = '#';
  });
  return rows.map(row => row.join(''));
}

describe('the font', () => {
  it('draws letters and digits', () => {
    expect(drawn('a1')).toEqual([
      '.###....#..',
      '#...#..##..',
      '#...#...#..',
      '#####...#..',
      '#...#...#..',
      '#...#...#..',
      '#...#..###.',
    ]);
  });

  it('has a sign of its own for each that it needs, and one for all others', () => {
    const signs = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:-_/%()<>=!+#@'?"];
    expect(new Set(signs.map(sign => drawn(sign).join())).size).toBe(signs.length);
    // Its capital would be two signs.
    expect(drawn('ß')).toEqual(drawn('?'));
  });
});

describe('the canvas', () => {
  it('cuts off what lies outside', () => {
    const canvas = new Canvas({ width: 4, height: 4 });
    canvas.fill({ left: -2, top: 3, width: 4, height: 9 }, [255, 255, 255]);
    canvas.frame({ left: 3, top: -1, width: 5, height: 3 }, [9, 9, 9], 1);
    const gray = Array.from({ length: 16 }, (_, i) => canvas.bytes[3 * i]);
    expect(gray).toEqual([0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 255, 255, 0, 0]);
  });

  it('comes back from YUV as it was, where four pixels share a color', () => {
    const random = seeded(2);
    const canvas = new Canvas({ width: 16, height: 8 });
    for (let top = 0; top < 8; top += 2) {
      for (let left = 0; left < 16; left += 2) {
        const color = [0, 0, 0].map(() => Math.floor(random() * 256)) as unknown as readonly [number, number, number];
        canvas.fill({ left, top, width: 2, height: 2 }, color);
      }
    }
    const picture = createYuvPicture(16, 8);
    canvas.toYuv(picture);
    // The oracle is the fixtures' own reading of such pictures; limited range and rounding cost up to 3 of 255.
    const worst = yuvToRgb(picture).reduce(
      (most, byte, i) => Math.max(most, Math.abs(byte - (canvas.bytes[i] ?? 0))),
      0,
    );
    expect(worst).toBeLessThanOrEqual(3);
  });
});

const replayOf = (decisions: readonly Decision[], truth: Uint8Array | null = null): Replay => ({
  query: 'person',
  question: 'person',
  labels: ['person'],
  decisions,
  truth,
});

describe('the annotation', () => {
  const width = 320;
  const height = 180;
  const decisions = sampleDecisions('rrRRA-');
  const pixelOf = (replay: Replay, frame: number, x: number, y: number): number[] => {
    const canvas = new Canvas({ width, height: height + bannerHeight(width) });
    new Annotator(replay, width).draw(canvas, decisions[frame] as Decision);
    return [...canvas.bytes.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  };

  it('has a border that says the answer, and whether it is wrong', () => {
    expect(pixelOf(replayOf(decisions), 0, 0, 90)).toEqual([150, 158, 166]);
    expect(pixelOf(replayOf(decisions), 2, 0, 90)).toEqual([53, 184, 134]);
    const truth = Uint8Array.from([1, 0, 1, 1, 1, 0]);
    expect(pixelOf(replayOf(decisions, truth), 0, 0, 90)).toEqual([239, 106, 95]);
    expect(pixelOf(replayOf(decisions, truth), 1, 0, 90)).toEqual([150, 158, 166]);
  });

  it('frames what the reference saw, where it was asked', () => {
    // The left edge of the sample's box, in its middle.
    const [x, y] = [Math.round(0.123456 * width), Math.round(0.4 * height)];
    expect(pixelOf(replayOf(decisions), 2, x, y)).toEqual([255, 210, 63]);
    expect(pixelOf(replayOf(decisions), 4, x, y)).toEqual([0, 0, 0]);
    // Another label than the query's.
    expect(pixelOf({ ...replayOf(decisions), labels: ['car'] }, 2, x, y)).toEqual([0, 0, 0]);
  });

  it('marks the place of the frame in the timeline', () => {
    const y = height + bannerHeight(width) - 4;
    expect(pixelOf(replayOf(decisions), 5, width - 1, y)).toEqual([235, 235, 230]);
    expect(pixelOf(replayOf(decisions), 0, width - 1, y)).not.toEqual([235, 235, 230]);
  });
});

describe('the choice of stills', () => {
  const frames = (text: string, most: number, truth?: readonly number[]): number[] =>
    chooseStills(replayOf(sampleDecisions(text), truth === undefined ? null : Uint8Array.from(truth)), most).map(
      ({ frame }) => frame,
    );

  it('takes each change of answer and decider, not the frames skipped in between', () => {
    expect(frames('r-r-A-A-r-', 99)).toEqual([0, 4, 5, 6, 7, 8]);
    expect(frames('rrraaa===', 99)).toEqual([0, 3, 6]);
    expect(frames('', 9)).toEqual([]);
  });

  it('takes where answers become wrong and right again', () => {
    expect(frames('rrrrrr', 99, [0, 0, 1, 1, 0, 0])).toEqual([0, 2, 4]);
  });

  it('keeps to the limit, changes of the answer first', () => {
    const text = 'r=r=r=AAAr=r=r=';
    expect(frames(text, 3)).toEqual([0, 6, 9]);
    expect(frames(text, 5)).toHaveLength(5);
    expect(frames(text, 5)).toEqual(expect.arrayContaining([0, 6, 9]));
    expect(frames('r='.repeat(500), 7)).toHaveLength(7);
  });
});
