/** What a first pipeline asks of what. */
export interface FirstPipeline {
  /** Video file, or folder or pattern of images. */
  readonly source: string;
  readonly isImages: boolean;
  /** What is looked for; one of the reference model's labels. */
  readonly label: string;
  /** Name of the reference model. */
  readonly reference: string;
}

/** A first pipeline as a program in TypeScript, which is JavaScript as well. */
export function firstProgram({ source, isImages, label, reference }: FirstPipeline): string {
  const from = isImages ? 'images' : 'file';
  const imported = ['cascade', 'events', from, 'pipeline', 'toConsole', 'toJsonl'];
  const name = nameOf(label);
  return `import { ${imported.sort().join(', ')} } from 'saccade';

// Run it: saccade run <this file>. Paths are relative to the folder that it is run in.
export default pipeline(
  ${quote(name)},
  ${from}(${quote(source)}),
  // Asks the reference model about every 5th frame. \`saccade optimize\` finds a plan that asks far less often within an
  // error that you choose: cascade({ plan: ${quote(`${name}.plan.json`)} }).
  cascade({ label: ${quote(label)}, reference: ${quote(reference)}, skip: { every: 5 } }),
  // Decisions about frames become events: started, updated, ended.
  events({ minDuration: '1s', mergeGap: '2s' }),
  toConsole(),
  toJsonl(${quote(`${name}.events.jsonl`)}),
);
`;
}

/** A first pipeline as a YAML document. */
export function firstDocument({ source, isImages, label, reference }: FirstPipeline): string {
  const name = nameOf(label);
  return `# Run it: saccade run <this file>. Paths are relative to the folder that it is run in.
# \${NAME} and \${NAME:-default} stand for variables of the environment; \`saccade schema pipelines\` says what may stand here.
pipelines:
  - name: ${text(name)}
    sources:
      - ${isImages ? 'images' : 'file'}: ${text(source)}
    operators:
      # Asks the reference model about every 5th frame. \`saccade optimize\` finds a plan that asks far less often within
      # an error that you choose; then write cascade: { plan: ${name}.plan.json }.
      - cascade: { label: ${text(label)}, reference: ${text(reference)}, skip: { every: 5 } }
      # Decisions about frames become events: started, updated, ended.
      - events: { minDuration: 1s, mergeGap: 2s }
    sinks:
      - console: text
      - jsonl: ${text(`${name}.events.jsonl`)}
`;
}

/** A label as the name of a pipeline. */
function nameOf(label: string): string {
  return label.replace(/[^\w.-]+/g, '-');
}

/** As text of TypeScript, in single quotes. */
function quote(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** As text of YAML, in which no variable is meant. */
function text(value: string): string {
  return JSON.stringify(value.replaceAll('${', () => '$${'));
}
