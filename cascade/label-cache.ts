import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { FrameIndex } from '../ingest/index.ts';
import type { Detection } from './detection.ts';
import { cascadeErrors } from './errors.ts';
import type { ModelDeclaration } from './models/model-declaration.ts';

/** Whose answers are kept, and where. */
export interface LabelCacheOptions {
  /** Folder of the cache; made when it does not exist. Default `.saccade/labels` in the working directory. */
  readonly folder?: string;
  /** SHA-256 of the footage in hex. */
  readonly footageSha256: string;
  /** The reference model; its hash names the file, and all of it must be the same for answers to be used again. */
  readonly model: ModelDeclaration;
  /** Score below which the model's detections are dropped, 0–1. Default 0.05, that of the models. */
  readonly minScore?: number;
}

const header = z.object({ schema: z.literal('saccade/labels/1'), declaration: z.string(), minScore: z.number() });
const share = z.number();
const row = z.object({
  frame: z.int().min(0),
  detections: z.array(
    z.object({
      label: z.string(),
      score: share,
      box: z.object({ x: share, y: share, width: share, height: share }),
    }),
  ),
});

const defaultFolder = join('.saccade', 'labels');
const defaultMinScore = 0.05;
/** An interrupted run asks again what came within the last half second. */
const writeEveryMs = 500;

/**
 * What a reference model said of the frames of one footage, kept on disk: asking is dear, and every query, plan and
 * interrupted run asks about the same frames. JSON Lines, appended; safe to delete. Lines that were torn are passed over.
 *
 * Not promised: that an answer is kept before {@link flush}. Two processes may write one cache; each line is written whole.
 */
export class LabelCache implements AsyncDisposable {
  /** The file. */
  readonly path: string;
  readonly #file: FileHandle;
  readonly #known: Map<FrameIndex, readonly Detection[]>;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(path: string, file: FileHandle, known: Map<FrameIndex, readonly Detection[]>) {
    this.path = path;
    this.#file = file;
    this.#known = known;
  }

  /**
   * Opens the cache of a footage and model, and reads what is known; one that was made by another declaration of the
   * model, or with another score floor, is started anew.
   * @throws CASCADE_LABEL_CACHE_UNUSABLE - when the folder or file cannot be read or written.
   */
  static async open(options: LabelCacheOptions): Promise<LabelCache> {
    const { folder = defaultFolder, footageSha256, model, minScore = defaultMinScore } = options;
    const path = join(folder, `${footageSha256}-${model.sha256}.jsonl`);
    const expected = { schema: 'saccade/labels/1', declaration: hashOf(model), minScore };
    try {
      await mkdir(dirname(path), { recursive: true });
      const text = await readFile(path, 'utf8').catch(error => (isMissing(error) ? '' : Promise.reject(error)));
      const known = parseRows(text, expected);
      const file = await open(path, known === undefined ? 'w' : 'a');
      if (known === undefined) await file.appendFile(`${JSON.stringify(expected)}\n`);
      // A torn last line gets its break, or the next line would be lost with it.
      else if (!text.endsWith('\n')) await file.appendFile('\n');
      return new LabelCache(path, file, known ?? new Map());
    } catch (cause) {
      throw unusable(path, cause);
    }
  }

  /** Answers that are known, for the frames whose index is a multiple of `every`, 1 or more. Default 1: all. */
  known({ every = 1 }: { every?: number } = {}): ReadonlyMap<FrameIndex, readonly Detection[]> {
    return new Map([...this.#known].filter(([frame]) => frame % every === 0));
  }

  /** Keeps an answer. */
  add(frame: FrameIndex, detections: readonly Detection[]): void {
    if (this.#known.has(frame)) return;
    this.#known.set(frame, detections);
    this.#lines.push(`${JSON.stringify({ frame, detections })}\n`);
    // A failure is kept for the next flush.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), writeEveryMs);
  }

  /** Writes what was added. @throws CASCADE_LABEL_CACHE_UNUSABLE - when that fails; what was written before stays. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const turn = this.#turn.then(async () => {
      const lines = this.#lines.splice(0);
      if (lines.length > 0) await this.#file.appendFile(lines.join(''));
    });
    this.#turn = turn;
    turn.catch(() => undefined);
    await turn.catch(cause => Promise.reject(unusable(this.path, cause)));
  }

  /** Writes what was added and closes the file; a second time does nothing. Throws as {@link flush}. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }
}

/** Undefined when the file was made under other terms, or is none. */
function parseRows(text: string, expected: object): Map<FrameIndex, readonly Detection[]> | undefined {
  const [first = '', ...lines] = text.split('\n');
  const found = header.safeParse(parseJson(first));
  if (!found.success || JSON.stringify(found.data) !== JSON.stringify(expected)) return undefined;
  const known = new Map<FrameIndex, readonly Detection[]>();
  for (const line of lines) {
    const parsed = row.safeParse(parseJson(line));
    if (parsed.success) known.set(parsed.data.frame, parsed.data.detections);
  }
  return known;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The name and version of a model do not change what it says, and neither does its licence. */
function hashOf({ sha256, input, head, labels }: ModelDeclaration): string {
  return createHash('sha256').update(JSON.stringify({ sha256, input, head, labels })).digest('hex');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unusable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return cascadeErrors.create('CASCADE_LABEL_CACHE_UNUSABLE', { path, reason }, { cause });
}
