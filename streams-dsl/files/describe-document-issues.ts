import type { z } from 'zod';
import type { DocumentIssue, DocumentPath, PipelineDocument } from './pipeline-document.ts';

type Issue = z.core.$ZodIssue;

/**
 * Says what a schema found wrong in a document. Where several forms are possible, the one whose key is there is meant: zod
 * blames them all.
 */
export function describeDocumentIssues(
  document: PipelineDocument,
  content: unknown,
  issues: readonly Issue[],
): DocumentIssue[] {
  return issues
    .flatMap(issue => describeIssue(issue, [], content))
    .map(({ path, reason, value }) => {
      const got =
        value === undefined ? '' : `, got ${document.isFromEnvironment(path) ? valueFrom(value) : show(value, path)}`;
      return { path, reason: `expected ${reason}${got}` };
    });
}

interface Fault {
  readonly path: DocumentPath;
  readonly reason: string;
  /** What was found; undefined: the reason says it. */
  readonly value: unknown;
}

function describeIssue(issue: Issue, base: DocumentPath, content: unknown): Fault[] {
  const path = [...base, ...issue.path];
  const value = valueAt(content, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({
        path: [...path, key],
        reason: `a key that is known here, got ${key}`,
        value: undefined,
      }));
    case 'invalid_union': {
      const isMeant = (branch: readonly Issue[]): boolean =>
        branch.every(inner => !isOfAnotherKind(inner) && !lacksKey(inner, path, content));
      const meant = issue.errors.find(isMeant);
      if (meant !== undefined) return meant.flatMap(inner => describeIssue(inner, path, content));
      return [{ path, reason: wordsOf(issue.message), value: value ?? null }];
    }
    default:
      return [{ path, reason: wordsOf(issue.message), value: value ?? null }];
  }
}

/** Whether a key that a form is told by is not there. */
function lacksKey({ path }: Issue, base: DocumentPath, content: unknown): boolean {
  return path.length === 1 && valueAt(content, [...base, ...path]) === undefined;
}

/** Whether the value as a whole does not fit, such as a text where an object may stand. */
function isOfAnotherKind({ code, path }: Issue): boolean {
  return path.length === 0 && code !== 'unrecognized_keys';
}

/** What zod says by itself begins and ends with words that the message has already. */
function wordsOf(message: string): string {
  return message
    .replace(/^Invalid (?:input|option|string): (?:expected )?/, '')
    .replace(/^Too (?:small|big): expected /, '')
    .replace(/, received .*$/, '');
}

function valueAt(content: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    content,
  );
}

function valueFrom(value: unknown): string {
  return typeof value === 'string' ? 'a text from the environment' : 'something from the environment';
}

/** Where secrets are named, one may have been written by mistake. */
const secretKeys: readonly unknown[] = ['password', 'secret', 'credentials', 'sasl', 'key'];

function show(value: unknown, path: DocumentPath): string {
  if (path.some(key => secretKeys.includes(key))) return 'a value that is not shown';
  const shown = value === null ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
}
