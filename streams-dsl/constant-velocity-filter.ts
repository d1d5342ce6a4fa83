/**
 * A Kalman filter for one number that moves with constant velocity: the four numbers of a box (SORT, Bewley et al. 2016)
 * do not influence each other, so each has its own. Time is in seconds, since frames do not come evenly.
 */
export class ConstantVelocityFilter {
  #value: number;
  #velocity = 0;
  // Covariance of value and velocity.
  #p00: number;
  #p01 = 0;
  #p11: number;

  /**
   * Starts at a first measurement, at rest.
   * @param value - The measurement.
   * @param noise - Standard deviation of measurements, above 0.
   */
  constructor(value: number, noise: number) {
    this.#value = value;
    this.#p00 = noise ** 2;
    // DeepSORT starts with 10/160 of the height a frame, at 30 fps, where its noise is 1/20 of the height: 37.5 times that.
    this.#p11 = (37.5 * noise) ** 2;
  }

  /** The value now. */
  get value(): number {
    return this.#value;
  }

  /**
   * Goes on in time.
   * @param seconds - 0 or more.
   * @param acceleration - Variance that the velocity gains a second.
   */
  predict(seconds: number, acceleration: number): void {
    this.#value += this.#velocity * seconds;
    this.#p00 += seconds * (2 * this.#p01 + seconds * this.#p11) + (acceleration * seconds ** 3) / 3;
    this.#p01 += seconds * this.#p11 + (acceleration * seconds ** 2) / 2;
    this.#p11 += acceleration * seconds;
  }

  /** Takes a measurement with this standard deviation, above 0. */
  correct(measured: number, noise: number): void {
    const total = this.#p00 + noise ** 2;
    const gain = this.#p00 / total;
    const velocityGain = this.#p01 / total;
    const surprise = measured - this.#value;
    this.#value += gain * surprise;
    this.#velocity += velocityGain * surprise;
    this.#p11 -= velocityGain * this.#p01;
    this.#p01 *= 1 - gain;
    this.#p00 *= 1 - gain;
  }
}
