import { SaccadeError, toErrorRecord } from '../../ingest/index.ts';
import type { KafkaConnection } from '../../sinks/index.ts';
import { type AggregateOptions, aggregate } from '../operators/aggregate.ts';
import { type EventsOptions, events } from '../operators/events.ts';
import { track } from '../operators/track.ts';
import { zone } from '../operators/zone.ts';
import type { Pipeline } from '../pipeline.ts';
import { toConsole } from '../sinks/to-console.ts';
import { toJsonl } from '../sinks/to-jsonl.ts';
import { toKafka } from '../sinks/to-kafka.ts';
import { toMqtt } from '../sinks/to-mqtt.ts';
import { toWebhook } from '../sinks/to-webhook.ts';
import { camera } from '../sources/camera.ts';
import { file } from '../sources/file.ts';
import { images } from '../sources/images.ts';
import { type KafkaSourceOptions, kafka } from '../sources/kafka.ts';
import { type CascadeStageOptions, cascade } from '../stages/cascade.ts';
import { differenceDetector } from '../stages/difference-detector.ts';
import { referenceModel } from '../stages/reference-model.ts';
import { skip } from '../stages/skip.ts';
import { specializedModel } from '../stages/specialized-model.ts';
import type { StreamItem } from '../stream-item.ts';
import { validatePipeline } from '../validate-pipeline.ts';
import { type TimeWindowOptions, window } from '../window.ts';
import type {
  DocumentOperator,
  DocumentPipeline,
  DocumentSink,
  DocumentSource,
  PipelinesDocument,
} from './document-schema.ts';
import type { DocumentIssue, DocumentPath } from './pipeline-document.ts';

/** Pipelines of a document, and what hinders others. */
export interface BuiltPipelines {
  readonly pipelines: readonly Pipeline[];
  /** Reasons may hold values that the functions were called with. */
  readonly issues: readonly DocumentIssue[];
}

/** Calls the functions that a checked document names. */
export function buildPipelines({ pipelines }: PipelinesDocument): BuiltPipelines {
  const issues: DocumentIssue[] = [];
  const attempt = <Made>(path: DocumentPath, make: () => Made): Made[] => {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof SaccadeError)) throw error;
      issues.push({ path, reason: toErrorRecord(error).message.replace(/\.$/, '') });
      return [];
    }
  };
  const built = pipelines.flatMap((one, i) => {
    const path = ['pipelines', i];
    const before = issues.length;
    issues.push(...orderIssues(one, path));
    const sources = one.sources.flatMap((source, at) => attempt([...path, 'sources', at], () => buildSource(source)));
    const operators = one.operators.flatMap((operator, at) =>
      attempt([...path, 'operators', at], () => buildOperator(operator)),
    );
    const sinks = one.sinks.flatMap((sink, at) => attempt([...path, 'sinks', at], () => buildSink(sink)));
    if (issues.length > before) return [];
    return attempt(path, () => validatePipeline(one.name, sources, [...operators, ...sinks]));
  });
  return { pipelines: built, issues };
}

function buildSource(source: DocumentSource): unknown {
  if ('file' in source) {
    const { file: path, ...options } = source;
    return file(path, options);
  }
  if ('camera' in source) {
    const { camera: url, ...options } = source;
    return camera(url, options);
  }
  if ('kafka' in source) {
    const { kafka: topic, from = 'latest', brokers, ...options } = source;
    return kafka({
      ...(options as Pick<KafkaSourceOptions, 'group'>),
      brokers,
      topic,
      from: typeof from === 'string' ? from : new Date(from.time),
    });
  }
  const { images: path, ...options } = source;
  return images(path, options);
}

/** The schema knows the shape, the functions check the rest: hence the types that are taken for granted here. */
function buildOperator(operator: DocumentOperator): unknown {
  const given = <Options>(options: object): Options => options as Options;
  if ('skip' in operator) return skip(given(operator.skip));
  if ('differenceDetector' in operator) return differenceDetector(given(operator.differenceDetector));
  if ('specializedModel' in operator) return specializedModel(given(operator.specializedModel));
  if ('referenceModel' in operator) return referenceModel(given(operator.referenceModel));
  if ('cascade' in operator) return cascade(given<CascadeStageOptions>(operator.cascade));
  if ('track' in operator) return track(operator.track ?? {});
  if ('zone' in operator) return zone(operator.zone);
  if ('events' in operator) return events(given<EventsOptions>(operator.events ?? {}));
  return buildAggregate(operator.aggregate);
}

function buildSink(sink: DocumentSink): unknown {
  if ('jsonl' in sink) return toJsonl(sink.jsonl);
  if ('console' in sink) return toConsole({ format: sink.console });
  if ('webhook' in sink) {
    const { webhook, ...options } = sink;
    return toWebhook(webhook, options);
  }
  if ('kafka' in sink) {
    const { kafka: topic, ...options } = sink;
    return toKafka({ ...(options as KafkaConnection), topic });
  }
  const { mqtt, ...options } = sink;
  return toMqtt(mqtt, options);
}

function buildAggregate({ over, ...fields }: Extract<DocumentOperator, { aggregate: unknown }>['aggregate']): unknown {
  const functions = Object.entries(fields).map(([name, field]): [string, unknown] => {
    if (typeof field !== 'string') return [name, field];
    return [name, name === 'count' || name === 'any' ? truthOf(field) : numberOf(field)];
  });
  const options = { over: window(over as TimeWindowOptions), ...Object.fromEntries(functions) };
  return aggregate<StreamItem, 'over'>(options as AggregateOptions<StreamItem>);
}

function truthOf(field: string): (item: unknown) => boolean {
  return named(field, item => fieldOf(item, field) === true);
}

function numberOf(field: string): (item: unknown) => number | null {
  return named(field, item => {
    const value = fieldOf(item, field);
    return typeof value === 'number' ? value : null;
  });
}

/** A function that `explain()` calls by the name of its field. */
function named<Call extends (item: unknown) => unknown>(name: string, call: Call): Call {
  return Object.defineProperty(call, 'name', { value: name });
}

function fieldOf(item: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      item,
    );
}

/** What each operator gives, in the order in which a document may name them: nobody checks types here. */
const ranks: Readonly<Record<string, number>> = {
  skip: 0,
  differenceDetector: 0,
  specializedModel: 0,
  referenceModel: 1,
  cascade: 1,
  track: 2,
  zone: 2,
  events: 3,
  aggregate: 3,
};
const needs = ['frames', 'frames', 'decisions', 'decisions'];
const gives = ['frames', 'decisions', 'decisions', 'events or windows'];

function orderIssues({ operators, sources }: DocumentPipeline, path: DocumentPath): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  let given = 0;
  for (const [at, operator] of operators.entries()) {
    const [name = ''] = Object.keys(operator);
    const rank = ranks[name] ?? 0;
    const before = at === 0 ? 'frames' : (gives[given] ?? '');
    if (needs[rank] !== before) {
      const reason = `expected an operator that takes ${before}, got ${name}, which takes ${needs[rank]}`;
      issues.push({ path: [...path, 'operators', at], reason });
    }
    if (name === 'aggregate' && sources.length > 1) {
      const reason =
        'expected one source where windows are aggregated, since streams run apart; write TypeScript with groupBy() for more';
      issues.push({ path: [...path, 'operators', at], reason });
    }
    given = Math.max(given, rank);
  }
  if (issues.length === 0 && given === 0) {
    issues.push({
      path: [...path, 'operators'],
      reason: 'expected cascade or referenceModel among the operators, since sinks take decisions rather than frames',
    });
  }
  return issues;
}
