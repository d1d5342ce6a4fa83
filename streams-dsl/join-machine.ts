/** An item of one side, or (null) its end. */
export type Arrival<Left, Right> =
  | { readonly side: 'left'; readonly item: Left | null }
  | { readonly side: 'right'; readonly item: Right | null };

/** What came together; one side may be null, never both. */
export interface Pair<Left, Right> {
  readonly left: Left | null;
  readonly right: Right | null;
}

/** What every join is told. */
export interface JoinSettings {
  readonly type: 'inner' | 'left' | 'outer';
  /** Most items held of each side, 1 or more. */
  readonly maxHeld: number;
  /** Told of each item that goes no further against its type: out of order, or given up for lack of room. */
  readonly onDrop: (item: unknown, reason: 'late' | 'bound') => void;
}

/** The state of a join. */
export interface JoinMachine<Left, Right> {
  /** Takes an item that is not null; returns what it completes. */
  next(arrival: Arrival<Left, Right>, key: unknown): readonly Pair<Left, Right>[];
  /** Takes the end of a side; returns what it settles. */
  end(side: 'left' | 'right'): readonly Pair<Left, Right>[];
}

/** The key of every item where there is no key. */
export const oneKey: unique symbol = Symbol('one key');
