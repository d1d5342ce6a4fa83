import type { PlanCost } from '../stage-costs.ts';
import { microseconds, percent, short } from './format-number.ts';

type Stage = keyof PlanCost['stagesUs'];

const stageNames: Readonly<Record<Stage, string>> = {
  decode: 'decoding',
  difference: 'difference detector',
  specialized: 'small model',
  reference: 'reference model',
  decision: 'putting answers together',
};
const stages = Object.keys(stageNames) as Stage[];

/** Where the time of a frame goes, before and after: bars of one scale, and the plan's again at full width. */
export function stageBars({ before, after }: { before: PlanCost; after: PlanCost }): string {
  const [beforeUs, afterUs] = [busyUs(before), busyUs(after)];
  const used = stages.filter(stage => before.stagesUs[stage] + after.stagesUs[stage] > 0);
  const rows = used.map(
    stage =>
      `<tr><th scope="row"><i class="${stage}"></i>${stageNames[stage]}</th><td>${microseconds(before.stagesUs[stage])}</td><td>${microseconds(after.stagesUs[stage])}</td><td>${percent(after.stagesUs[stage] / afterUs)}</td></tr>`,
  );
  return `<div class="bars">
<div class="lane">reference on every frame</div>${bar(before, beforeUs, beforeUs)}
<div class="lane">plan</div>${bar(after, afterUs, beforeUs)}
<div class="lane">plan, magnified ${short(beforeUs / afterUs)}×</div>${bar(after, afterUs, afterUs)}
</div>
<div class="scroll"><table>
<thead><tr><th scope="col">busy time of one core a frame</th><th scope="col">reference on every frame</th><th scope="col">plan</th><th scope="col">of the plan</th></tr></thead>
<tbody>${rows.join('')}
<tr class="sum"><th scope="row">together</th><td>${microseconds(beforeUs)}</td><td>${microseconds(afterUs)}</td><td></td></tr></tbody>
</table></div>`;
}

function busyUs({ stagesUs }: PlanCost): number {
  return stages.reduce((sum, stage) => sum + stagesUs[stage], 0);
}

function bar({ stagesUs }: PlanCost, sumUs: number, scaleUs: number): string {
  const parts = stages.map(stage => {
    const share = stagesUs[stage] / Math.max(sumUs, scaleUs, 1e-9);
    if (share === 0) return '';
    const text = share > 0.16 ? stageNames[stage] : '';
    return `<span class="${stage}" style="width:${(100 * share).toFixed(3)}%" title="${stageNames[stage]}: ${microseconds(stagesUs[stage])}">${text}</span>`;
  });
  return `<div class="bar">${parts.join('')}</div>`;
}
