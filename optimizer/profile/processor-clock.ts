/**
 * Processor time of this process so far in µs, all its threads together: what stages cost, even while other programs have the
 * cores. Differences below some µs say nothing.
 */
export function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
