import { describe, expect, it } from 'vitest';
import type { OptimizerReport } from '../../../optimizer/index.ts';
import { reportPage } from '../../../optimizer/index.ts';
import { sampleReport } from './sample-report.ts';

const report = sampleReport({ seconds: 120, image: '/9j/AAA=' });
const page = reportPage(report);

/** Elements that are left open or closed without having been opened; an independent, naive reading of the page. */
function unbalanced(html: string): string[] {
  const voids = new Set(['meta', 'br', 'img', 'input']);
  const open: string[] = [];
  const faults: string[] = [];
  const text = html.replace(/<!doctype html>/, '').replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  for (const [, slash, name = '', rest = ''] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|[^">])*)>/g)) {
    if (voids.has(name) || rest.endsWith('/')) continue;
    if (slash === '') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else faults.push(`</${name}> in <${open.at(-1)}>`);
  }
  return [...faults, ...open];
}

describe('the page', () => {
  it('loads nothing from elsewhere, and forbids it', () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/https?:|\/\/[a-z]|@import|url\(|<link|<iframe|src="(?!data:image\/jpeg;base64,)/i);
  });

  it('is well-formed, without a value that is none', () => {
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('says the plan in words, and the figures', () => {
    for (const text of [
      'Looks at every 5th frame',
      'asks pvb@1 about the rest, about 0.80 % of all frames',
      '76.3×',
      '<strong>1820</strong>',
      // Errors: of the test part in the words, of both parts in the table.
      'misses 0.40 % of the positive frames (at most 1.21 %)',
      '14 of 3120',
      '31 of 12020',
      'reference on every 10th frame',
      'deltaDiff 4.1',
      'cHigh 0.934',
      'footage/door-monday.mp4',
      'c'.repeat(64),
      'AMD EPYC 7B13',
      'training 2 min',
    ])
      expect(page).toContain(text);
    for (const text of report.next) expect(page).toContain(text.replaceAll("'", '&#39;'));
  });

  it('draws every candidate twice and every mistake once', () => {
    const count = (pattern: RegExp): number => page.match(pattern)?.length ?? 0;
    const drawn = report.candidates.length + report.baselines.length;
    expect(count(/<(circle|rect) class="(candidate|frontier|chosen|baseline)"/g)).toBe(2 * drawn);
    expect(count(/<circle class="chosen"/g)).toBe(2);
    expect(count(/<figure>/g)).toBe(report.mistakes.length);
    expect(report.mistakes.length).toBeGreaterThan(0);
  });

  it('is the same after a round trip through JSON', () => {
    const read = JSON.parse(JSON.stringify(report)) as OptimizerReport;
    expect(read).toEqual(report);
    expect(reportPage(read)).toBe(page);
  });

  it('escapes whatever comes from outside', () => {
    const evil = `<script>alert("1")</script>'&`;
    const { plan, footage, mistakes, histograms } = report;
    const [first] = footage.files;
    if (first === undefined || histograms.specialized === null) throw new Error('the sample has both');
    const attacked = reportPage({
      ...report,
      plan: {
        ...plan,
        name: evil,
        predicate: { label: evil },
        referenceModel: { ...plan.referenceModel, model: evil },
        expected: plan.expected && { ...plan.expected, machine: { ...plan.expected.machine, cpu: evil } },
      },
      footage: { ...footage, files: [{ ...first, path: evil }, first] },
      mistakes: mistakes.map(mistake => ({ ...mistake, image: evil })),
      histograms: { ...histograms, specialized: { ...histograms.specialized, candidate: evil, axis: evil } },
      candidates: report.candidates.map(point => ({ ...point, structure: { ...point.structure, specialized: evil } })),
      steps: [{ name: evil, seconds: 1 }],
      next: [evil],
    });
    expect(attacked).not.toContain('<script>alert');
    expect(attacked).not.toContain(`'&<`);
    expect(attacked).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;');
    expect(unbalanced(attacked)).toEqual([]);
  });

  it('does without what is missing', () => {
    const { plan, chosen, footage } = report;
    const sparse = reportPage({
      ...report,
      plan: { ...plan, differenceDetector: null, specializedModel: null, expected: null },
      chosen: { ...chosen, errors: { ...chosen.errors, test: null }, measuredFramesPerSecond: null },
      footage: {
        ...footage,
        parts: { ...footage.parts, test: { stretches: [], seconds: 0, frames: 0, positives: 0, events: 0 } },
      },
      histograms: { difference: null, specialized: null },
      candidates: [],
      baselines: [],
      timeline: null,
      mistakes: [],
    });
    expect(unbalanced(sparse)).toEqual([]);
    expect(sparse).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});
