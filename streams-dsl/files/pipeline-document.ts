import { type Document, isMap, isNode, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import { streamsErrors } from '../errors.ts';
import { redactValues } from './redact-values.ts';
import { type Substitution, substituteVariables } from './substitute-variables.ts';

/** Steps from the top of a document to a value. */
export type DocumentPath = readonly PropertyKey[];

/** What is wrong at one place of a document. */
export interface DocumentIssue {
  readonly path: DocumentPath;
  /** What was expected and what was found, without values of variables. */
  readonly reason: string;
}

/** Most issues that one message lists. */
const mostIssues = 5;

/** A JSON or YAML file whose variables have been put in, and which knows where everything stands. */
export class PipelineDocument {
  readonly #path: string;
  readonly #root: Document;
  readonly #lines = new LineCounter();
  /** What came from the environment, by the text that it went into. */
  readonly #values = new Map<Node, Substitution['values']>();

  /**
   * Reads a document; JSON is a part of YAML 1.2. Variables are put into texts, not into keys or numbers.
   * @param path - Of the file, for messages.
   * @throws STREAMS_FILE_INVALID - when it is neither YAML nor JSON; STREAMS_VARIABLE_MISSING - when it names a variable that
   *   is not set.
   */
  constructor(path: string, text: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#path = path;
    // Keys are texts, as in JSON; a tag such as !secret has no meaning here, and is told rather than passed over.
    this.#root = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, stringKeys: true });
    const [fault] = [...this.#root.errors, ...this.#root.warnings];
    if (fault !== undefined) throw this.#invalid([`${this.#describe(fault.pos[0])}: ${fault.message}`]);
    this.#substitute(environment);
  }

  /** The content as plain data, not checked yet. */
  get content(): unknown {
    return this.#root.toJS();
  }

  /** What puts the names of variables in the place of their values. */
  get redact(): (text: string) => string {
    return redactValues([...this.#values.values()].flat());
  }

  /** What {@link redact} does, for the values below one place alone: even short ones are hidden well there. */
  redactAt(path: DocumentPath): (text: string) => string {
    return redactValues(this.#valuesBelow(path));
  }

  /** Whether a value from the environment stands at a place or below it. */
  isFromEnvironment(path: DocumentPath): boolean {
    return this.#valuesBelow(path).length > 0;
  }

  /** The error that lists what is wrong, each with its place. */
  error(issues: readonly DocumentIssue[]): Error {
    const listed = issues.slice(0, mostIssues).map(({ path, reason }) => {
      const name = path.map(String).join('.');
      return `${this.#describe(this.#offset(path))}${name === '' ? '' : ` (${name})`}: ${reason}`;
    });
    if (issues.length > mostIssues) listed.push(`and ${issues.length - mostIssues} more`);
    return this.#invalid(listed);
  }

  #invalid(issues: readonly string[]): Error {
    return streamsErrors.create('STREAMS_FILE_INVALID', { path: this.#path, issues: issues.join(' | ') });
  }

  #substitute(environment: Readonly<Record<string, string | undefined>>): void {
    visit(this.#root, {
      Scalar: (key, node) => {
        if (key === 'key' || typeof node.value !== 'string') return;
        const { text, values, problem } = substituteVariables(node.value, environment);
        const place = this.#describe(node.range?.[0] ?? 0);
        if (problem?.kind === 'missing') {
          throw streamsErrors.create('STREAMS_VARIABLE_MISSING', {
            path: this.#path,
            place,
            variable: problem.variable,
          });
        }
        if (problem !== null) throw this.#invalid([`${place}: expected \${NAME} or \${NAME:-default} after $`]);
        node.value = text;
        if (values.length > 0) this.#values.set(node, values);
      },
    });
  }

  #valuesBelow(path: DocumentPath): Substitution['values'] {
    const found: Substitution['values'][number][] = [];
    const { node } = this.#find(path);
    if (node === null) return found;
    visit(node, { Node: (_, inner) => void found.push(...(this.#values.get(inner) ?? [])) });
    return found;
  }

  #offset(path: DocumentPath): number {
    const { node, pair } = this.#find(path);
    const key = pair !== null && isNode(pair.key) ? pair.key.range?.[0] : undefined;
    return key ?? node?.range?.[0] ?? 0;
  }

  #describe(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `line ${line}, column ${col}`;
  }

  /** The value at a path, or the nearest around it, and the key that it stands under. */
  #find(path: DocumentPath): { node: Node | null; pair: Pair | null } {
    let node: Node | null = this.#root.contents;
    let pair: Pair | null = null;
    for (const step of path) {
      if (isMap(node)) {
        const next: Pair | undefined = node.items.find(({ key }) => isScalar(key) && key.value === step);
        if (next === undefined) break;
        pair = next;
        node = isNode(next.value) ? next.value : node;
      } else {
        const next: unknown = isNode(node) && 'items' in node ? node.items[Number(step)] : undefined;
        if (!isNode(next)) break;
        [node, pair] = [next, null];
      }
    }
    return { node, pair };
  }
}
