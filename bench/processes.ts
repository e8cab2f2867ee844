import { readFile } from 'node:fs/promises';

/** Ticks in a second of what Linux counts (proc(5)): it is 100 wherever Node runs. */
const TICKS = 100;

/** The fields after the name, which is in parentheses and may hold anything. The first is the state. */
const fieldsOf = async (pid: number): Promise<readonly string[]> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const secondsOf = (fields: readonly string[], places: readonly number[]): number =>
  places.reduce((sum, place) => sum + Number(fields[place]), 0) / TICKS;

/** Seconds of processor time that a process has used so far, with all its threads. */
export const cpuOf = async (pid: number): Promise<number> => secondsOf(await fieldsOf(pid), [11, 12]);

/** A process and its children, the process first. */
export const familyOf = async (pid: number): Promise<readonly number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...text.split(' ').filter(Boolean).map(Number)];
};

/** Seconds of processor time that a process has used so far, with its children, those that have ended among them. */
export const familyCpu = async (pid: number): Promise<number> => {
  const [, ...children] = await familyOf(pid);
  const used = await Promise.all(children.map(cpuOf));
  return used.reduce((sum, cpu) => sum + cpu, secondsOf(await fieldsOf(pid), [11, 12, 13, 14]));
};
