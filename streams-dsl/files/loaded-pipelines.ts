import type { Pipeline } from '../pipeline.ts';

/** What a pipeline file says. */
export interface LoadedPipelines {
  /** As a document lists them, or by the names of a program's exports; their own names are unique. */
  readonly pipelines: readonly Pipeline[];
  /**
   * Puts the names of variables, `${NAME}`, in the place of values that the file took from the environment by
   * substitution: for every text that is printed. Changes nothing for programs, which read the environment by themselves.
   */
  readonly redact: (text: string) => string;
}
