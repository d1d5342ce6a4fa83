/** How makers name the small stream beside the large one: what stands in the URL of the large, and of the small. */
const makers: readonly (readonly [large: RegExp, small: string])[] = [
  // Hikvision and its many brands: channel 1, stream 1.
  [/(\/Streaming\/Channels\/\d+)01\b/i, '$102'],
  // Dahua, Amcrest, Lorex.
  [/([?&]subtype=)0\b/i, '$11'],
  // Reolink.
  [/(\/(?:h264|h265)?Preview_\d+_)main\b/i, '$1sub'],
  // TP-Link Tapo and VIGI.
  [/(\/stream)1$/i, '$12'],
  // Foscam.
  [/(\/video)Main$/, '$1Sub'],
];

/** The URL of the small stream of a camera whose maker's way of naming is known; null: it is not. */
export function substreamUrl(url: string): string | null {
  const found = makers.find(([large]) => large.test(url));
  return found === undefined ? null : url.replace(found[0], found[1]);
}
