/** Frames that a worker may still send. */
export class FrameCredits {
  #count = 0;
  #wake: () => void = () => undefined;

  /** Whether there are none. */
  get areSpent(): boolean {
    return this.#count <= 0;
  }

  /** Adds some. */
  add(count: number): void {
    this.#count += count;
    this.#wake();
  }

  /** Waits for one, and leaves it. */
  async wait(): Promise<void> {
    while (this.areSpent) await new Promise<void>(resolve => (this.#wake = resolve));
  }

  /** Waits for one, and uses it. */
  async take(): Promise<void> {
    await this.wait();
    this.#count--;
  }
}
