/** Codecs of the images that can be read, by their names in FFmpeg. */
export type ImageKind = 'mjpeg' | 'png';

/** Tells JPEG and PNG by their first bytes, whatever the file's name says; undefined for anything else. */
export function imageKind(bytes: Uint8Array): ImageKind | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'mjpeg';
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return 'png';
  return undefined;
}
