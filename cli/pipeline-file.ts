// eslint-disable-next-line no-restricted-imports -- handed on whole, to programs that import it themselves
import * as rxjs from 'rxjs';
import * as cascade from '../cascade/index.ts';
import * as saccade from '../index.ts';
import * as ingest from '../ingest/index.ts';
import * as optimizer from '../optimizer/index.ts';
import * as sinks from '../sinks/index.ts';
import * as streams from '../streams-dsl/index.ts';

/** The pipelines of a file that are asked for. */
export interface PipelineFile extends streams.LoadedPipelines {
  /** An error as it may be printed: without values that the file took from the environment. */
  redactError(error: unknown): unknown;
}

/** What programs import by these names is the very copy that runs them, so that they need no installation. */
const modules = {
  saccade,
  'saccade/ingest': ingest,
  'saccade/cascade': cascade,
  'saccade/optimizer': optimizer,
  'saccade/sinks': sinks,
  'saccade/streams-dsl': streams,
  rxjs,
};

/**
 * Loads a pipeline file.
 * @param only - Names of the pipelines that are wanted. Default: all.
 * @throws what loading throws; STREAMS_PIPELINE_UNKNOWN - when a name is not in the file.
 */
export async function loadPipelineFile(path: string, only?: readonly string[]): Promise<PipelineFile> {
  const { pipelines, redact } = await streams.loadPipelines(path, { modules });
  const redactError = (error: unknown): unknown => {
    const record = ingest.toErrorRecord(error);
    const [message, remedy] = [redact(record.message), redact(record.remedy)];
    if (message === record.message && remedy === record.remedy) return error;
    return ingest.fromErrorRecord({ ...record, message, remedy });
  };
  for (const name of only ?? []) {
    if (pipelines.some(one => one.name === name)) continue;
    const known = pipelines.map(one => one.name).join(', ');
    throw streams.streamsErrors.create('STREAMS_PIPELINE_UNKNOWN', { what: 'pipeline', name, known });
  }
  const wanted = pipelines.filter(({ name }) => only === undefined || only.includes(name));
  return { pipelines: wanted, redact, redactError };
}

/** Whether rows of a pipeline go to standard output. */
export function writesToStandardOutput({ sinks: all }: streams.Pipeline): boolean {
  return all.some(({ description: { kind, options } }) => kind === 'toConsole' || options['path'] === '-');
}
