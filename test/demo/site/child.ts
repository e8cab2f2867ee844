import type { RunningApplication } from './application.js';

/** A setting that the parent process hands down; the application cannot do without it. */
export const required = (name: string): string => {
  const value = process.env[name];
  if (!value)
    throw new Error(`The environment variable ${name} is missing: this process is started by the demo.`);
  return value;
};

/** Runs an application as a process of the demo: reports to the parent when it listens, and ends with the parent. */
export const runAsChild = async (start: () => Promise<RunningApplication>): Promise<void> => {
  const application = await start();
  const end = (): void => {
    void application.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', end);
  process.send?.({ ready: application.url });
};
