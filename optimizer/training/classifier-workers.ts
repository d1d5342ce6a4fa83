import { fromErrorRecord, type SupervisedWorker, superviseWorker, type WorkerLauncher } from '../../ingest/index.ts';
import { optimizerErrors } from '../errors.ts';
import type {
  ClassifierJob,
  ClassifierJobResults,
  FromClassifierWorker,
  ToClassifierWorker,
  TrainingData,
} from './classifier-protocol.ts';

/** How to run jobs. */
export interface ClassifierWorkersOptions {
  /** Processes side by side, 1 or more; each has one thread. */
  readonly workers: number;
  /** What `train` jobs learn from. */
  readonly data?: TrainingData | undefined;
  /** Ends all jobs; they reject with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Starts the processes; replaced in tests. */
  readonly launcher?: WorkerLauncher | undefined;
}

/** Told after each sign of progress, with the part of each job that is done, 0-1, in their order. */
export type JobsProgress = (shares: readonly number[]) => void;

/** Worker processes that train and score specialized models. Owned by whoever made it; disposing ends them. */
export class ClassifierWorkers implements AsyncDisposable {
  readonly #options: ClassifierWorkersOptions;
  readonly #workers: WorkerHandle[] = [];

  /** Processes start with their first jobs. */
  constructor(options: ClassifierWorkersOptions) {
    this.#options = options;
  }

  /**
   * Runs jobs, each on the next free process, in their order.
   * @param onDone - Told of each result as it comes.
   * @returns The results in the order of the jobs. The first job that fails fails them all.
   * @throws OPTIMIZER_WORKER_DIED - when a process ends in the middle of a job; and what the jobs throw.
   */
  async run<Kind extends ClassifierJob['kind']>(
    jobs: readonly Extract<ClassifierJob, { kind: Kind }>[],
    {
      onDone,
      onProgress,
    }: {
      readonly onDone?: (index: number, result: ClassifierJobResults[Kind]) => void;
      readonly onProgress?: JobsProgress | undefined;
    } = {},
  ): Promise<ClassifierJobResults[Kind][]> {
    const results: ClassifierJobResults[Kind][] = [];
    const shares = jobs.map(() => 0);
    const open = jobs.entries();
    let failed = false;
    const work = async (worker: WorkerHandle): Promise<void> => {
      for (const [index, job] of open) {
        if (failed) return;
        // Safe because a worker answers each kind of job with its own kind of result.
        const result = (await worker.run(job, share => {
          shares[index] = share;
          onProgress?.(shares);
        })) as ClassifierJobResults[Kind];
        results[index] = result;
        shares[index] = 1;
        onDone?.(index, result);
        onProgress?.(shares);
      }
    };
    while (this.#workers.length < Math.min(this.#options.workers, jobs.length)) {
      this.#workers.push(new WorkerHandle(this.#options));
    }
    await Promise.all(
      this.#workers.map(worker =>
        work(worker).catch((error: unknown) => {
          failed = true;
          throw error;
        }),
      ),
    );
    return results;
  }

  /** Ends the processes, also in the middle of a job. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker[Symbol.asyncDispose]()));
  }
}

interface RunningJob {
  readonly name: string;
  readonly onProgress: (share: number) => void;
  resolve(result: ClassifierJobResults[ClassifierJob['kind']]): void;
  reject(reason: unknown): void;
}

/** One process; it takes one job at a time. */
class WorkerHandle implements AsyncDisposable {
  readonly #worker: SupervisedWorker<ToClassifierWorker>;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = (): void => this.#settle()?.reject(this.#signal?.reason);
  #running: RunningJob | undefined;

  constructor({ data, signal, launcher }: ClassifierWorkersOptions) {
    this.#signal = signal;
    this.#worker = superviseWorker<ToClassifierWorker, FromClassifierWorker>({
      name: 'classifier worker',
      file: new URL('./classifier-worker.js', import.meta.url),
      shouldRestart: () => false,
      onReady: () => {
        if (data !== undefined) this.#worker.send({ type: 'data', data });
      },
      onMessage: message => this.#receive(message),
      onExit: ({ ending, code, signal: by, stderrTail: output }) => {
        if (ending === 'disposed') return;
        this.#die(ending === 'hung' ? 'it was silent for too long' : `exit code ${code}, signal ${by}`, output);
      },
      ...(launcher !== undefined && { launcher }),
    });
    signal?.addEventListener('abort', this.#stop);
  }

  async run(
    job: ClassifierJob,
    onProgress: (share: number) => void,
  ): Promise<ClassifierJobResults[ClassifierJob['kind']]> {
    this.#signal?.throwIfAborted();
    await this.#worker.started;
    this.#signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.#running = { name: job.name, onProgress, resolve, reject };
      if (this.#worker.send({ type: 'job', job }) === 'dropped') this.#die('it had ended before', '');
      this.#worker.isAwaiting = true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#stop);
    // A training step never yields for long: it is killed rather than asked to end after its job.
    this.#worker.kill();
    await this.#worker[Symbol.asyncDispose]();
  }

  #receive(message: FromClassifierWorker): void {
    if (message.type === 'progress') this.#running?.onProgress(message.share);
    else if (message.type === 'failed') this.#settle()?.reject(fromErrorRecord(message.error));
    else this.#settle()?.resolve(message.result);
  }

  #die(ending: string, output: string): void {
    const job = this.#running;
    this.#running = undefined;
    if (job === undefined) return;
    const details = { name: job.name, ending, output: output || '(nothing)' };
    job.reject(optimizerErrors.create('OPTIMIZER_WORKER_DIED', details));
  }

  #settle(): RunningJob | undefined {
    const job = this.#running;
    this.#running = undefined;
    this.#worker.isAwaiting = false;
    return job;
  }
}
