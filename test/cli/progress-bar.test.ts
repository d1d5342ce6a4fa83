import { afterEach, expect, it, vi } from 'vitest';
import { ProgressBar } from '../../cli/progress-bar.ts';

afterEach(() => vi.unstubAllEnvs());

function terminal(
  isTTY: boolean,
  columns = 80,
): { isTTY: boolean; columns: number; text: string; write(text: string): void } {
  return {
    isTTY,
    columns,
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

it('shows rate and time left', () => {
  vi.stubEnv('NO_COLOR', '1');
  const shown = terminal(true);
  let nowMs = 0;
  const bar = new ProgressBar({ what: 'cascade', terminal: shown, nowMs: () => nowMs });
  bar.update(0, 1000);
  nowMs = 2000;
  bar.update(250, 1000);
  expect(shown.text.split('\r').at(-1)).toMatch(/cascade {2}#+\.+ {2}250\/1000 {2}125 fps {2}6 s left$/);
  bar[Symbol.dispose]();
  expect(shown.text.endsWith('\r\x1b[2K')).toBe(true);
});

it('does not redraw for every frame, nor write beyond the line', () => {
  const shown = terminal(true, 30);
  let nowMs = 0;
  using bar = new ProgressBar({ what: 'cascade', terminal: shown, nowMs: () => nowMs });
  for (; nowMs < 1000; nowMs++) bar.update(nowMs, 100_000);
  expect(shown.text.split('\r').length).toBe(11);
  expect(shown.text).not.toContain('━');
});

it('uses color unless NO_COLOR is set', () => {
  vi.stubEnv('NO_COLOR', '');
  const shown = terminal(true);
  using bar = new ProgressBar({ what: 'x', terminal: shown });
  bar.update(1, 2);
  expect(shown.text).toContain('\x1b[36m');
});

it('is silent without a terminal', () => {
  const shown = terminal(false);
  const bar = new ProgressBar({ what: 'cascade', terminal: shown });
  bar.update(1, 2);
  bar[Symbol.dispose]();
  expect(shown.text).toBe('');
});
