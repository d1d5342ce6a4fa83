import type { StreamItem } from '../../streams-dsl/index.ts';

/** An item that must be disposed of exactly once, as a frame. */
export interface OwnedItem extends StreamItem, Disposable {
  readonly frame: number;
}

/** Counts the items that are alive; a second disposal throws. */
export class ItemLedger {
  alive = 0;
  mostAlive = 0;

  /** Makes the item of a frame; 10 frames a second. */
  item(frame: number, stream = 'door'): OwnedItem {
    this.alive++;
    this.mostAlive = Math.max(this.mostAlive, this.alive);
    let isDisposed = false;
    return {
      stream,
      frame,
      timestampUs: frame * 100_000,
      [Symbol.dispose]: () => {
        if (isDisposed) throw new Error(`frame ${frame} was disposed of twice`);
        isDisposed = true;
        this.alive--;
      },
    };
  }
}
