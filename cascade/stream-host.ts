import type { WorkerLauncher } from '../ingest/index.ts';
import { SharedProcess } from './shared-process.ts';

/** A place in a shared process, to be given to one {@link CascadeRun} as its launcher. */
export interface StreamHostMember extends Disposable {
  readonly launcher: WorkerLauncher;
}

/** A stream in a shared process. */
export interface HostedStream {
  /** A place for one cascade over it; disposed when the cascade has ended, so that the others need not wait for it. */
  join(): StreamHostMember;
}

/**
 * Deaths of a shared process after which each stream gets one of its own: below the three deaths at one place by which a
 * stream's frames count as lost, so that no stream loses frames to another's.
 */
const mostDeathsTogether = 2;

/**
 * A stream worker process for several streams, each with a decoder, a program and credits of its own, so that a slow or
 * paused one holds up no other, and one that fails ends alone. Several cascades over one stream decode it once, side by side:
 * the slowest sets their pace. A death of the process is one for each of them, and each goes on where it was.
 */
export class StreamHost {
  /** Cascades that read each stream, by its number. */
  readonly #readers = new Map<number, number>();
  readonly #apart = new Map<number, SharedProcess>();
  #together: SharedProcess | null = null;
  #deaths = 0;
  #nextStream = 0;
  #nextMember = 0;

  /** Streams that have not ended. */
  get streams(): number {
    return this.#readers.size;
  }

  /**
   * A place for one stream more.
   * @param readers - Cascades that will join, each with one stream worker; 1 or more, above 1 under the rule `every` alone.
   *   Nothing is decoded before all of them are there.
   */
  host(readers = 1): HostedStream {
    const stream = this.#nextStream++;
    this.#readers.set(stream, readers);
    return { join: () => this.#join(stream) };
  }

  #join(stream: number): StreamHostMember {
    const program = { member: this.#nextMember++, stream };
    let isHere = true;
    return {
      launcher: (_launch, events) => this.#processOf(stream).launch(program, events),
      [Symbol.dispose]: () => {
        if (!isHere) return;
        isHere = false;
        const readers = (this.#readers.get(stream) ?? 1) - 1;
        if (readers > 0) this.#readers.set(stream, readers);
        else this.#readers.delete(stream);
        (this.#apart.get(stream) ?? this.#together)?.tellReaders(stream);
      },
    };
  }

  #processOf(stream: number): SharedProcess {
    const readersOf = (one: number): number => this.#readers.get(one) ?? 0;
    if (this.#deaths < mostDeathsTogether) {
      this.#together ??= new SharedProcess({
        readersOf,
        onEnd: hasDied => {
          this.#together = null;
          if (hasDied) this.#deaths++;
        },
      });
      return this.#together;
    }
    const known = this.#apart.get(stream);
    if (known !== undefined) return known;
    const apart = new SharedProcess({ readersOf, onEnd: () => this.#apart.delete(stream) });
    this.#apart.set(stream, apart);
    return apart;
  }
}
