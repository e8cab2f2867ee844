import { parseArgs } from 'node:util';

/** Where everything listens; 0 is any free port. */
export interface Ports {
  readonly gocd: number;
  readonly mingle: number;
  readonly oriel: number;
  readonly portal: number;
}

export interface DemoOptions {
  readonly json: boolean;
  /** Whether Mingle is started alone, for an Oriel of one's own. */
  readonly mingle: boolean;
  /** Where state is kept from one run to the next; null for a folder that is gone at the end. */
  readonly keep: string | null;
  /** Ports to try. */
  readonly ports: Ports;
}

export const usage = `Usage: oriel demo [options], or npm run demo -- [options]

  --mingle         start Mingle alone, to connect an Oriel of your own to
  --json           print one line of JSON when everything is ready, and nothing else
  --keep DIR       keep configuration, database and logs in DIR; the next run goes on from there
  --port-base N    try ports N to N+3 (0: any) for GoCD, Mingle, Oriel and the portal, instead of 8153, 8080, 3000 and 8090
  --help           print this

A port that is taken is replaced by a free one.`;

const usualPorts: Ports = { gocd: 8153, mingle: 8080, oriel: 3000, portal: 8090 };

const portsFrom = (base: number): Ports => {
  const [gocd = 0, mingle = 0, oriel = 0, portal = 0] = [0, 1, 2, 3].map((at) =>
    base === 0 ? 0 : base + at,
  );
  return { gocd, mingle, oriel, portal };
};

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
  if (base !== null && !(Number.isInteger(base) && base >= 0 && base <= 65_532)) {
    throw new Error(`--port-base is a port number, not "${text}".`);
  }
  return {
    json: values.json,
    mingle: values.mingle,
    keep: values.keep ?? null,
    ports: base === null ? usualPorts : portsFrom(base),
  };
};
