import type { z } from 'zod';

const MAX_ISSUES = 5;

/**
 * Says in one line what a schema found wrong: `path: what was expected; got what was found`, at most five issues.
 * Parse with `{ reportInput: true }`, or what was found is missing from the text.
 */
export function describeIssues(error: z.ZodError): string {
  const lines = error.issues.slice(0, MAX_ISSUES).map(issue => {
    const path = issue.path.map(String).join('.') || '(top level)';
    const got = 'input' in issue && issue.code !== 'unrecognized_keys' ? `; got ${shorten(issue.input)}` : '';
    return `${path}: ${issue.message.replace(/^Invalid input: /, '')}${got}`;
  });
  const more = error.issues.length - lines.length;
  return lines.join(' | ') + (more > 0 ? ` | and ${more} more` : '');
}

/**
 * Passes on what a schema chosen within a transform found, with its paths. Chosen by hand, since zod's own unions either
 * know one discriminating key or blame every member.
 */
export function forwardIssues(error: z.ZodError, context: z.RefinementCtx): void {
  for (const { path, message, input } of error.issues) context.issues.push({ code: 'custom', path, message, input });
}

function shorten(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
