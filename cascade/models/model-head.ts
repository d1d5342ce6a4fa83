import type { z } from 'zod';
import type { Detection } from '../detection.ts';
import type { ChannelOrder, Resize } from './input-declaration.ts';

/** What a model says of one picture: found objects, or how likely its one label is, 0–1. */
export type HeadResult =
  | { readonly kind: 'detections'; readonly detections: readonly Detection[] }
  | {
      readonly kind: 'confidence';
      /**
       * 0–1, clamped. NaN when the model returned NaN: it is neither below any `cLow` nor above any `cHigh`, so a
       * cascade asks its reference.
       */
      readonly confidence: number;
    };

/** Part of the model's input that a picture covers, from the top left, in px; the rest is padding. */
export interface CoveredArea {
  /** 1 to the input's width, in px. */
  readonly width: number;
  /** 1 to the input's height, in px. */
  readonly height: number;
}

/** What a head must know of its model. */
export interface HeadModel {
  /** Class names in the order of the model's scores. */
  readonly labels: readonly string[];
  /** Width of the model's input in px. */
  readonly inputWidth: number;
  /** Height of the model's input in px. */
  readonly inputHeight: number;
}

/** One output that a head reads; `N` stands for the batch; trailing dimensions of 1 may be missing or added. */
export interface OutputExpectation {
  /** Name of the tensor; undefined: the model's only output. */
  readonly name: string | undefined;
  /** Dimensions, row-major. */
  readonly shape: readonly (number | 'N')[];
}

/** Outputs of one run, in the order of the expectations: flat, row-major, float32. */
export type HeadOutputs = readonly Float32Array[];

/** Reads the results of a batch out of the tensors of one run. */
export interface HeadDecoder {
  /**
   * One result a picture, in the order of the pictures; nothing returned refers to the outputs.
   * @param outputs - In the order of the head's expectations.
   * @param covered - One for each picture of the batch.
   */
  decode(outputs: HeadOutputs, covered: readonly CoveredArea[]): HeadResult[];
}

/** How well-known exports with this head want their input; `saccade models add` fills the declaration with it. */
export interface HeadPreset<Declaration> {
  readonly head: Declaration;
  readonly resize: Resize;
  /** For models with three channels; those with one are gray. */
  readonly channelOrder: ChannelOrder;
  /** Labels of the well-known export; undefined: must be given. */
  readonly labels: readonly string[] | undefined;
}

/** Turns the tensors of one family of models into results: one file each, listed in heads.ts. */
export interface ModelHead<Declaration> {
  /** Checks the `head` of a model.json. */
  readonly schema: z.ZodType<Declaration>;
  /** Kind of the results of every picture. */
  readonly produces: HeadResult['kind'];
  /** Whether the outputs have a batch dimension; without one, pictures are run one at a time. */
  readonly batched: boolean;
  readonly preset: HeadPreset<Declaration>;
  /** Outputs that the model must have. */
  outputs(declaration: Declaration, model: HeadModel): readonly OutputExpectation[];
  /**
   * Makes the reader of outputs that were found as expected.
   * @param minScore - Detections below it are dropped, 0–1, inclusive.
   */
  decoder(declaration: Declaration, model: HeadModel, minScore: number): HeadDecoder;
}
