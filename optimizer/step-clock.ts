/** Names the steps of a long job as they begin, and keeps how long each took. */
export class StepClock {
  readonly #onStep: ((step: string) => void) | undefined;
  readonly #steps: { name: string; seconds: number }[] = [];

  /** @param onStep - Told the name of each step when it begins. */
  constructor(onStep?: (step: string) => void) {
    this.#onStep = onStep;
  }

  /** Steps that have ended, in order, with their wall time in seconds. */
  get steps(): readonly { readonly name: string; readonly seconds: number }[] {
    return this.#steps;
  }

  /** Runs a step. */
  async run<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
    this.#onStep?.(name);
    const started = performance.now();
    const result = await work();
    this.#steps.push({ name, seconds: (performance.now() - started) / 1000 });
    return result;
  }
}
