import { buildPipelines } from './build-pipelines.ts';
import { describeDocumentIssues } from './describe-document-issues.ts';
import { pipelinesSchema } from './document-schema.ts';
import type { LoadedPipelines } from './loaded-pipelines.ts';
import { PipelineDocument } from './pipeline-document.ts';

/**
 * Makes pipelines of a JSON or YAML file.
 * @param path - Of the file, for messages.
 * @throws STREAMS_FILE_INVALID - lists what is wrong, each with line, column and place; STREAMS_VARIABLE_MISSING - when it
 *   names a variable of the environment that is not set.
 */
export function readDocument(
  path: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedPipelines {
  const document = new PipelineDocument(path, text, environment);
  const { content } = document;
  const parsed = pipelinesSchema.safeParse(content);
  if (!parsed.success) throw document.error(describeDocumentIssues(document, content, parsed.error.issues));
  const { pipelines, issues } = buildPipelines(parsed.data);
  if (issues.length === 0) return { pipelines, redact: document.redact };
  throw document.error(issues.map(({ path: at, reason }) => ({ path: at, reason: document.redactAt(at)(reason) })));
}
