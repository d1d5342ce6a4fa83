/** The path of a route such as `/v1/queries/:name([a-z]+)::predict` as people write it: `/v1/queries/{name}:predict`. */
export function shownPath(url: string): string {
  return url.replace(/::|:(\w+)(?:\([^)]*\))?/g, (_part, name?: string) => (name === undefined ? ':' : `{${name}}`));
}
