import type { Device } from './device.ts';
import type { Network } from './network.ts';

/** A file of a network. */
export interface NetworkFile {
  /** Path within the version folder, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a network is made of, read and not yet loaded: what was hashed is what is loaded. */
export interface NetworkSource {
  /** Where it came from, for messages. */
  readonly path: string;
  /** SHA-256 of it in lower-case hex; each engine says of what. */
  readonly sha256: string;
  /** None when the network is elsewhere. */
  readonly files: readonly NetworkFile[];
}

/** How to load a network. */
export interface NetworkOptions {
  /** Threads for one operator of an ONNX model, 1–64. Default 1: parallel processes use shared cores better (bench/segments). */
  readonly intraOpThreads?: number | undefined;
  /** What ONNX models run on. Default `cpu`. */
  readonly device?: Device | undefined;
}

/** What runs networks of one kind: one file each, listed in engines.ts. */
export interface Engine<Declaration> {
  /** Path of the network within a version folder. */
  readonly file: string;
  /**
   * Reads and hashes a network.
   * @param path - Of the file that `file` names in a version folder, or of such a file elsewhere.
   * @throws CASCADE_MODEL_FILE_MISSING - when a file cannot be read; and what the engine says itself.
   */
  read(path: string, declaration: Declaration): Promise<NetworkSource>;
  /** Loads what was read. @throws the error of the engine when that is no network that it can run. */
  load(source: NetworkSource, declaration: Declaration, options: NetworkOptions): Promise<Network>;
}
