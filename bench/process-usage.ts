import { readFileSync } from 'node:fs';

/** Clock ticks of `/proc` a second; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor time that processes have taken so far, in seconds, summed; Linux alone, NaN elsewhere. */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, pid => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold blanks; user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  });
}

/** Resident memory of processes in bytes, summed; pages that they share count for each. Linux alone, NaN elsewhere. */
export function residentBytes(pids: readonly number[]): number {
  return sum(pids, pid => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  });
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  try {
    return pids.reduce((total, pid) => total + of(pid), 0);
  } catch {
    return Number.NaN;
  }
}
