import { clearStops } from '../compose/clear-stops.js';
import type { Config } from '../config/config.js';
import { readConfig } from '../config/read-config.js';

const idsOf = (config: Config): readonly string[] =>
  config.providers.map((each) => (each.kind === 'complete' ? each.provider.id : each.draft.id));

/** Allows token requests again that were stopped because a provider refused our client; a running server sees it at once. */
export const retryProvider = async (file: string, id: string | null): Promise<void> => {
  const config = readConfig(file);
  const ids = idsOf(config);
  if (id !== null && !ids.includes(id)) {
    throw new Error(`There is no provider ${id} in ${config.file}; there is ${ids.join(', ') || 'none'}.`);
  }
  const count = await clearStops(config, id);
  const whose = id === null ? 'any provider' : id;
  console.log(
    count === 0
      ? `No client of ${whose} was stopped.`
      : `${count === 1 ? 'One client' : `${count} clients`} of ${whose} may ask for tokens again.`,
  );
};
