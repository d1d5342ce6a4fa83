import type { OperatorFunction } from 'rxjs';
import { streamsErrors } from './errors.ts';
import { descriptionOf } from './operator.ts';
import type { Pipeline } from './pipeline-parts.ts';
import type { SinkFactory } from './sink-factory.ts';
import type { Source } from './sources/source.ts';
import { stageOf } from './stages/stage.ts';

/**
 * Checks what `pipeline()` was called with, for those who write JavaScript, and sorts it.
 * @throws STREAMS_PIPELINE_INVALID - names the place, what it wants and what it got.
 */
export function validatePipeline(name: unknown, from: unknown, rest: readonly unknown[]): Pipeline {
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name)) {
    throw wrong({
      pipeline: String(name),
      place: 'its name',
      expected: 'letters, digits, ".", "_" and "-"',
      got: describe(name),
    });
  }
  const fail = (place: string, expected: string, got: unknown): Error =>
    wrong({ pipeline: name, place, expected, got: describe(got) });
  const sources = (Array.isArray(from) ? from : [from]).map(source => {
    if (isSource(source)) return source;
    throw fail('its source', 'a source, such as file() or images(), or a list of them', source);
  });
  if (sources.length === 0) throw fail('its source', 'at least one source', from);
  checkStreams(sources, fail);
  const firstSink = rest.findIndex(isSink);
  const operators = rest.slice(0, firstSink < 0 ? rest.length : firstSink);
  const sinks = firstSink < 0 ? [] : rest.slice(firstSink);
  for (const [i, operator] of operators.entries()) {
    if (typeof operator !== 'function') throw fail(placeOf(i, operator), 'an operator, or a sink at the end', operator);
  }
  for (const [i, sink] of sinks.entries()) {
    if (!isSink(sink)) throw fail(placeOf(operators.length + i, sink), 'a sink, since sinks come last', sink);
  }
  const checked = operators as OperatorFunction<never, unknown>[];
  checkOrder(checked, fail);
  checkJoins(checked, sources, fail);
  return { name, sources, operators: checked, sinks: sinks as SinkFactory<unknown>[] };
}

type Fail = (place: string, expected: string, got: unknown) => Error;

function wrong(details: { pipeline: string; place: string; expected: string; got: string }): Error {
  return streamsErrors.create('STREAMS_PIPELINE_INVALID', details);
}

function checkStreams(sources: readonly Source[], fail: Fail): void {
  const names = sources.map(({ description }) => description.stream);
  const twice = names.find((stream, i) => names.indexOf(stream) !== i);
  if (twice !== undefined)
    throw fail('its sources', 'a name of its own for each stream (option stream)', `${twice} twice`);
  const lone = sources.find(({ description }) => ['request', 'kafka'].includes(description.kind));
  if (sources.length > 1 && lone !== undefined) {
    throw fail('its sources', `${lone.description.kind}() as the only source, or none`, `${sources.length} sources`);
  }
}

/** Frame operators take frames: behind one that gives decisions or values they can get none. */
function checkOrder(operators: readonly OperatorFunction<never, unknown>[], fail: Fail): void {
  let answeredBy: string | null = null;
  for (const [i, operator] of operators.entries()) {
    const stage = stageOf(operator);
    const kind = descriptionOf(operator)?.kind;
    if (stage === undefined || kind === undefined) continue;
    if (answeredBy !== null)
      throw fail(
        placeOf(i, operator),
        `an operator that takes what ${answeredBy}() gives`,
        `${kind}(), which takes frames`,
      );
    if (!['skip', 'differenceDetector', 'specializedModel'].includes(stage.kind)) answeredBy = kind;
  }
}

/** A join of streams by name would wait forever for one that is not there. */
function checkJoins(
  operators: readonly OperatorFunction<never, unknown>[],
  sources: readonly Source[],
  fail: Fail,
): void {
  const known = sources.map(({ description }) => description.stream);
  for (const [i, operator] of operators.entries()) {
    const streams = descriptionOf(operator)?.options['streams'];
    const missing = Array.isArray(streams) ? streams.find(stream => !known.includes(stream)) : undefined;
    if (missing !== undefined)
      throw fail(placeOf(i, operator), `streams of this pipeline, which are ${known.join(', ')}`, missing);
  }
}

function placeOf(index: number, operator: unknown): string {
  const isDescribed = (typeof operator === 'object' || typeof operator === 'function') && operator !== null;
  const kind = isDescribed ? descriptionOf(operator)?.kind : undefined;
  return `operator ${index + 1}${kind === undefined ? '' : `, ${kind}()`}`;
}

function isSource(value: unknown): value is Source {
  const kinds = ['file', 'images', 'frames', 'camera', 'kafka', 'request'];
  return isObject(value) && isObject(value['description']) && kinds.includes(String(value['description']['kind']));
}

function isSink(value: unknown): value is SinkFactory<unknown> {
  return isObject(value) && typeof value['open'] === 'function' && isObject(value['description']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function describe(value: unknown): string {
  if (typeof value === 'function') {
    const kind = descriptionOf(value)?.kind;
    return kind === undefined ? `the function ${value.name || '(unnamed)'}` : `${kind}()`;
  }
  if (isSink(value)) return `the sink ${value.description.kind}`;
  if (isSource(value)) return `the source ${value.description.kind}()`;
  if (typeof value === 'string') return value;
  return isObject(value) ? `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}` : String(value);
}
