/** A rectangle as shares of the frame: (0, 0) is the frame's top left corner, (1, 1) its bottom right one. */
export interface Box {
  /** Left edge, 0–1 of the frame's width. */
  readonly x: number;
  /** Top edge, 0–1 of the frame's height. */
  readonly y: number;
  /** Width, above 0 and at most 1, as a share of the frame's width; `x + width` is at most 1. */
  readonly width: number;
  /** Height, above 0 and at most 1, as a share of the frame's height; `y + height` is at most 1. */
  readonly height: number;
}

/** One object that a detector found in one frame: the only currency between detectors and predicates. */
export interface Detection {
  /** Name of the class, one of the model's labels, such as `person`. */
  readonly label: string;
  /** How sure the detector is, 0–1; not calibrated, so comparable within one model only. */
  readonly score: number;
  /** Where the object is; what reaches beyond the frame is cut off. */
  readonly box: Box;
}
