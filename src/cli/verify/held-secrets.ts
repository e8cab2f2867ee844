/** Characters by which a secret is recognized at first. */
const GRAM = 6;

/** Secrets by each run of characters in their beginning, with how far into them it stands. */
type Index = ReadonlyMap<string, readonly (readonly [secret: string, offset: number])[]>;

const indexOf = (secrets: readonly string[], shortest: number): Index => {
  const index = new Map<string, (readonly [string, number])[]>();
  for (const secret of secrets)
    for (let offset = 0; offset + GRAM <= shortest; offset += 1) {
      const gram = secret.slice(offset, offset + GRAM);
      const known = index.get(gram);
      if (known === undefined) index.set(gram, [[secret, offset]]);
      else known.push([secret, offset]);
    }
  return index;
};

/**
 * The secrets that a text holds, each as often as it was found. A secret covers whole runs of characters wherever it starts, so that looking
 * at some places of the text finds all: a run has thousands of secrets and megabytes of logs, through which each would be searched for alone.
 */
export const heldIn = (text: string, secrets: Iterable<string>): readonly string[] => {
  const all = [...new Set(secrets)];
  const shortest = Math.min(...all.map(({ length }) => length));
  if (all.length === 0 || shortest < GRAM) return all.filter((secret) => text.includes(secret));
  const index = indexOf(all, shortest);
  const found: string[] = [];
  for (let at = 0; at < text.length; at += shortest - GRAM + 1)
    for (const [secret, offset] of index.get(text.slice(at, at + GRAM)) ?? [])
      if (text.startsWith(secret, at - offset)) found.push(secret);
  return found;
};
