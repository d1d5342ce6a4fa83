/** The room `serve/`, loaded by the commands that need it alone: it takes as long as all else together. */
export function loadServe(): Promise<typeof import('../serve/index.ts')> {
  return import('../serve/index.ts');
}
