/**
 * Boxes that a head found before duplicates are removed, in columns that are used again for every picture: nothing is
 * allocated a cell. Edges are shares of the frame and may reach beyond 0–1.
 */
export class BoxCandidates {
  /** Candidates held; the columns are valid up to it. */
  count = 0;
  /** Class of each, an index into the model's labels. */
  classes: Int32Array = new Int32Array(256);
  scores: Float64Array = new Float64Array(256);
  left: Float64Array = new Float64Array(256);
  top: Float64Array = new Float64Array(256);
  right: Float64Array = new Float64Array(256);
  bottom: Float64Array = new Float64Array(256);

  /** Adds a box given by its middle and size, as shares of the frame. */
  add(classIndex: number, score: number, cx: number, cy: number, width: number, height: number): void {
    if (this.count === this.scores.length) this.#grow();
    const index = this.count++;
    this.classes[index] = classIndex;
    this.scores[index] = score;
    this.left[index] = cx - width / 2;
    this.top[index] = cy - height / 2;
    this.right[index] = cx + width / 2;
    this.bottom[index] = cy + height / 2;
  }

  #grow(): void {
    const classes = new Int32Array(this.classes.length * 2);
    classes.set(this.classes);
    this.classes = classes;
    const doubled = (column: Float64Array): Float64Array => {
      const wider = new Float64Array(column.length * 2);
      wider.set(column);
      return wider;
    };
    this.scores = doubled(this.scores);
    this.left = doubled(this.left);
    this.top = doubled(this.top);
    this.right = doubled(this.right);
    this.bottom = doubled(this.bottom);
  }
}
