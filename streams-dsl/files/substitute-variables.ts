/** A text whose variables have been put in. */
export interface Substitution {
  readonly text: string;
  /** Values that came from the environment rather than from a default in the text. */
  readonly values: readonly { readonly variable: string; readonly value: string }[];
  /** What is wrong with it, without any value; null: nothing. */
  readonly problem: { readonly kind: 'missing'; readonly variable: string } | { readonly kind: 'malformed' } | null;
}

const place = /\$\$\{|\$\{(?:([A-Za-z_]\w*)(:-[^}]*)?\})?/g;

/**
 * Puts variables of the environment into a text: `${NAME}` must be set, `${NAME:-default}` stands for the default where the
 * variable is not set or empty, as in a shell. `$${` stands for `${`.
 */
export function substituteVariables(
  given: string,
  environment: Readonly<Record<string, string | undefined>>,
): Substitution {
  const values: { variable: string; value: string }[] = [];
  let problem: Substitution['problem'] = null;
  const text = given.replace(place, (found: string, variable?: string, fallback?: string) => {
    if (found === '$${') return '${';
    if (variable === undefined) {
      problem ??= { kind: 'malformed' };
      return found;
    }
    const value = environment[variable];
    if (value !== undefined && (value !== '' || fallback === undefined)) {
      values.push({ variable, value });
      return value;
    }
    if (fallback === undefined) problem ??= { kind: 'missing', variable };
    return fallback?.slice(2) ?? '';
  });
  return { text, values, problem };
}
