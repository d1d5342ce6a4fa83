// Compiled by `npm run build`, never run: what must and must not type-check.
import { expectTypeOf } from 'vitest';
import {
  type CascadePlan,
  type Decider,
  type Decision,
  decide,
  type Predicate,
  parsePlan,
  type SkipRule,
  type Verdict,
} from '../../cascade/index.ts';
import type { ErrorTable, Frame, PixelRequest } from '../../ingest/index.ts';

declare const decision: Decision;
expectTypeOf(decision.decidedBy).toEqualTypeOf<Decider>();
expectTypeOf(decision.label).toBeBoolean();
if (decision.decidedBy === 'referenced') expectTypeOf(decision.score).toBeNumber();
if (decision.decidedBy === 'unchanged') expectTypeOf(decision.inheritedFrom).toEqualTypeOf<number | null>();
// @ts-expect-error only some decisions have a confidence
void decision.confidence;
// @ts-expect-error decisions are not changed
decision.label = true;

expectTypeOf(decide({ deltaDiff: null, cLow: null, cHigh: null }, {})).toEqualTypeOf<Verdict>();
// @ts-expect-error a threshold that is left out is a mistake, not a stage that is missing
decide({ deltaDiff: null }, {});

expectTypeOf(parsePlan({}, 'x')).toEqualTypeOf<CascadePlan>();
// @ts-expect-error every needs an interval
const skip: SkipRule = { kind: 'every' };
// @ts-expect-error a predicate needs a label, or predicates to combine
const predicate: Predicate = { minScore: 0.5 };
// @ts-expect-error there is no such layout
const request: PixelRequest = { width: 1, height: 1, format: 'bgr' };
void [skip, predicate, request];

declare const frame: Frame;
expectTypeOf(frame.pixels).returns.toEqualTypeOf<Uint8Array>();
// @ts-expect-error frames are disposed, not closed
frame.close();

declare const table: ErrorTable<'A' | 'B'>;
table.create('A', {});
// @ts-expect-error the codes of a table are a closed set
table.create('C', {});
