import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly json: boolean;
  /** Whether Mingle is started alone, for an Oriel of one's own. */
  readonly mingle: boolean;
  /** Where state is kept from one run to the next; null for a folder that is gone at the end. */
  readonly keep: string | null;
  /** Ports to try for GoCD, Mingle and Oriel. */
  readonly ports: readonly [gocd: number, mingle: number, oriel: number];
}

export const usage = `Usage: npm run demo -- [options]

  --mingle         start Mingle alone, to connect an Oriel of your own to
  --json           print one line of JSON when everything is ready, and nothing else
  --keep DIR       keep configuration, database and logs in DIR; the next run goes on from there
  --port-base N    try ports N, N+1 and N+2 (0: any) instead of 8153, 8080 and 3000
  --help           print this

A port that is taken is replaced by a free one.`;

/** Reads the command line; throws with a sentence for people. Null asks for help. */
export const readOptions = (args: readonly string[]): DemoOptions | null => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      mingle: { type: 'boolean', default: false },
      keep: { type: 'string' },
      'port-base': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const text = values['port-base'];
  const base = text === undefined ? null : Number(text);
  if (base !== null && !(Number.isInteger(base) && base >= 0 && base <= 65_533)) {
    throw new Error(`--port-base is a port number, not "${text}".`);
  }
  const ports = base === null ? ([8153, 8080, 3000] as const) : base === 0 ? ([0, 0, 0] as const) : null;
  return {
    json: values.json,
    mingle: values.mingle,
    keep: values.keep ?? null,
    ports: ports ?? [base ?? 0, (base ?? 0) + 1, (base ?? 0) + 2],
  };
};
