import { basename, dirname, parse, resolve } from 'node:path';

/** Name of the stream of a path: the file's without its ending, or the folder's of a pattern of images. */
export function streamNameOf(path: string): string {
  const isPattern = /[*?[]/.test(path);
  return isPattern ? basename(dirname(resolve(path))) : parse(path).name;
}
