/**
 * Rotation that a display matrix asks for.
 * @param matrix - 9 int32 of the machine's byte order, as FFmpeg's display matrix side data holds them.
 * @returns Degrees clockwise, rounded to 0, 90, 180 or 270; mirrored pictures are not turned back.
 */
export function rotationOfMatrix(matrix: Uint8Array): number {
  const view = new DataView(matrix.buffer, matrix.byteOffset, matrix.byteLength);
  const entry = (at: number): number => view.getInt32(at * 4, true) / 65_536;
  const scaleX = Math.hypot(entry(0), entry(3));
  const scaleY = Math.hypot(entry(1), entry(4));
  if (scaleX === 0 || scaleY === 0) return 0;
  // As av_display_rotation_get, whose angle counts counterclockwise from what this returns.
  const clockwise = (Math.atan2(entry(1) / scaleY, entry(0) / scaleX) * 180) / Math.PI;
  return (((Math.round(clockwise / 90) * 90) % 360) + 360) % 360;
}
