import { invalidField } from './request-field.ts';

/**
 * Reads JSON in which the bare tokens NaN, Infinity and -Infinity may stand for numbers, as TensorFlow Serving and Triton
 * take them. Such a token becomes the text of the same name, which every float tensor takes as its value.
 * @throws SERVE_REQUEST_INVALID - when the text is not JSON.
 */
export function parseRelaxedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    try {
      return JSON.parse(quoteFloatTokens(text)) as unknown;
    } catch {
      throw invalidField('body', 'JSON', `${text.length} characters that do not parse as such`);
    }
  }
}

const bareToken = /-?(?:NaN|Infinity)/g;

/** Puts the bare tokens into quotes. One pass over the text: a hostile one costs no more than its length. */
function quoteFloatTokens(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const bareEnd = quote === -1 ? text.length : quote;
    parts.push(text.slice(at, bareEnd).replace(bareToken, token => (token === '-NaN' ? token : `"${token}"`)));
    if (quote === -1) break;
    const end = stringEnd(text, quote);
    parts.push(text.slice(quote, end));
    at = end;
  }
  return parts.join('');
}

/** Index after the string that opens at `quote`. */
function stringEnd(text: string, quote: number): number {
  for (let i = quote + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i + 1;
  }
  return text.length;
}
