import type { ContentModel } from './view-models.js';

/** The list of what is connected, whose items are also there by what the gadget calls their provider: `connected.github.site`. */
export const byRole = ({ connected, gadget }: ContentModel): ContentModel['connected'] => {
  const named = [...connected];
  const roles =
    gadget.bound?.providers ?? Object.fromEntries(connected.map(({ provider }) => [provider, provider]));
  for (const [role, provider] of Object.entries(roles)) {
    const value = connected.find((each) => each.provider === provider);
    if (value !== undefined && !Object.hasOwn(named, role)) Object.defineProperty(named, role, { value });
  }
  return named;
};
