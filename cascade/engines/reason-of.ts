/** What was thrown as part of a sentence: its message without a full stop at the end. */
export function reasonOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).trim().replace(/\.$/, '');
}
