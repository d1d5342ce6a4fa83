import { firstValueFrom, Observable, type OperatorFunction, Subject, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { descriptionOf, type StreamItem } from '../../streams-dsl/index.ts';
import { ItemLedger, type OwnedItem } from './item-ledger.ts';

/** An operator on which the contract is tried. */
export interface ContractCase<In extends StreamItem, Out> {
  /** The kind in its description. */
  readonly kind: string;
  readonly operator: () => OperatorFunction<In, Out>;
  /** The item of a frame. */
  readonly item: (frame: number) => In;
  /** How many items to send, 1 or more. */
  readonly count: number;
  /** What comes out of them. */
  readonly expected: readonly unknown[];
  /** Items that an endless source may be asked for before the first result is there; null: the operator takes time. */
  readonly untilFirst: number | null;
}

/** Also for operators that frames may go through: what becomes of each of them. */
export interface OwnershipCase<Out> {
  readonly operator: () => OperatorFunction<OwnedItem, Out>;
  /** Frames that can be taken from a result, to be disposed of by whoever gets it. */
  readonly framesOf: (out: Out) => readonly OwnedItem[];
  /** Most frames held, as the operator's documentation says, with the one that is under way. */
  readonly mostHeld: number;
}

/** What every operator promises. */
export function operatorContract<In extends StreamItem, Out>(contract: ContractCase<In, Out>): void {
  const { kind, operator, item, count, expected, untilFirst } = contract;
  const items = Array.from({ length: count }, (_, frame) => item(frame));

  describe(`${kind} keeps the contract`, () => {
    it('describes itself in plain JSON', () => {
      const description = descriptionOf(operator());
      expect(description?.kind).toBe(kind);
      expect(JSON.parse(JSON.stringify(description))).toEqual(JSON.parse(JSON.stringify({ ...description })));
    });

    it('passes values and completes, each subscription for itself', async () => {
      const piped = operator();
      for (let round = 0; round < 2; round++) {
        const { source, state } = watched<In>(subscriber => {
          for (const each of items) subscriber.next(each);
          subscriber.complete();
        });
        expect(await firstValueFrom(source.pipe(piped, toArray()))).toEqual(expected);
        expect(state).toMatchObject({ subscribed: 1, unsubscribed: 1 });
      }
    });

    it('forwards an error and lets go of the source', async () => {
      const failure = new Error('the source broke');
      const { source, state } = watched<In>(subscriber => {
        subscriber.next(items[0] as In);
        subscriber.error(failure);
      });
      await expect(firstValueFrom(source.pipe(operator(), toArray()))).rejects.toBe(failure);
      expect(state.unsubscribed).toBe(1);
    });

    it('unsubscribes the source', () => {
      const source = new Subject<In>();
      const subscription = source.pipe(operator()).subscribe();
      expect(source.observed).toBe(true);
      source.next(items[0] as In);
      subscription.unsubscribe();
      expect(source.observed).toBe(false);
    });

    it.runIf(untilFirst !== null)('stops a synchronous source that has no end', async () => {
      let asked = 0;
      const source = new Observable<In>(subscriber => {
        while (!subscriber.closed && asked < 10_000) subscriber.next(item(asked++));
      });
      await firstValueFrom(source.pipe(operator(), take(1)));
      expect(asked).toBe(untilFirst);
    });
  });
}

/** What operators promise through which frames may go. */
export function ownershipContract<Out>(name: string, { operator, framesOf, mostHeld }: OwnershipCase<Out>): void {
  describe(`${name} owns the frames that it holds`, () => {
    const disposeOf = (out: Out): void => {
      for (const frame of framesOf(out)) frame[Symbol.dispose]();
    };

    it('disposes of each exactly once, and holds no more than it says', async () => {
      const ledger = new ItemLedger();
      const source = new Subject<OwnedItem>();
      const ended = new Promise<void>((resolve, reject) =>
        source.pipe(operator()).subscribe({ next: disposeOf, complete: resolve, error: reject }),
      );
      for (let frame = 0; frame < 50; frame++) {
        source.next(ledger.item(frame));
        // Lets promises of the operator settle; a source behind the credit gate waits for them as well.
        await settled();
      }
      source.complete();
      await ended;
      expect(ledger.alive).toBe(0);
      expect(ledger.mostAlive).toBeLessThanOrEqual(mostHeld);
    });

    it.each(['unsubscribed', 'failed'])('disposes of each exactly once when %s midway', async how => {
      const ledger = new ItemLedger();
      const source = new Subject<OwnedItem>();
      const subscription = source.pipe(operator()).subscribe({ next: disposeOf, error: () => undefined });
      for (let frame = 0; frame < 7; frame++) source.next(ledger.item(frame));
      if (how === 'failed') source.error(new Error('the source broke'));
      else subscription.unsubscribe();
      await settled();
      expect(ledger.alive).toBe(0);
      expect(source.observed).toBe(false);
    });
  });
}

/** Lets what waits for promises alone go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function watched<In>(
  send: (subscriber: { next(item: In): void; error(error: unknown): void; complete(): void }) => void,
): {
  readonly source: Observable<In>;
  readonly state: { subscribed: number; unsubscribed: number };
} {
  const state = { subscribed: 0, unsubscribed: 0 };
  const source = new Observable<In>(subscriber => {
    state.subscribed++;
    subscriber.add(() => {
      state.unsubscribed++;
    });
    send(subscriber);
  });
  return { source, state };
}
