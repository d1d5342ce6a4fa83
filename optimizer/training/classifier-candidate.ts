import type { PixelRequest } from '../../ingest/index.ts';
import type { SpecializedCandidate } from '../candidate-scores.ts';
import { type ClassifierNetwork, layOutClassifier } from './classifier-layout.ts';

/** Part of a small picture, in its pixels. */
export interface PictureCrop {
  readonly left: number;
  readonly top: number;
  /** 1 or more. */
  readonly width: number;
  /** 1 or more. */
  readonly height: number;
}

/** What of a frame a model sees. */
export interface ClassifierView {
  readonly name: 'whole' | 'region';
  /** Size to which the whole frame is scaled: the model's input, RGB. */
  readonly request: PixelRequest;
  /** Part of that picture which the model cuts out and looks at. */
  readonly crop: PictureCrop;
}

/**
 * What is subtracted from a byte before it is divided by 64: `raw`: 128; `scene`: the average empty scene's byte at the
 * same place.
 */
export type ClassifierNormalization = 'raw' | 'scene';

/** A specialized model before training: plain data that may cross processes. */
export interface ClassifierCandidate extends SpecializedCandidate {
  readonly network: ClassifierNetwork;
  readonly normalization: ClassifierNormalization;
  readonly view: ClassifierView;
}

/**
 * Names a model and counts its work. Ids are `cnn<convolutions>-<base filters>-<dense units>-<normalization>-<view>`, such
 * as `cnn2-16-32-raw-whole`, and `linear-<cells>-<view>`.
 */
export function classifierCandidate(
  parts: Pick<ClassifierCandidate, 'network' | 'normalization' | 'view'>,
): ClassifierCandidate {
  const { network, normalization, view } = parts;
  const kind =
    network.kind === 'linear'
      ? `linear-${network.cells}`
      : `cnn${network.filters.length}-${network.filters[0]}-${network.dense}-${normalization}`;
  return { id: `${kind}-${view.name}`, multiplyAdds: layOutClassifier(network, view.crop).multiplyAdds, ...parts };
}
