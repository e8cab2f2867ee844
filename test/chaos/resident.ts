import { readFileSync } from 'node:fs';

/** Resident memory of a process, kB (proc(5)). */
export const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
