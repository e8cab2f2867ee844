import type { ProviderDraft } from '../../src/providers/provider.js';
import { configOf, sample } from '../config/sample.js';

export const client = { id: 'oriel', secret: 'client-secret' };
/** The sample with this one provider, and no hosts that would ask more of it. */
export const withProvider = (provider: unknown) => ({ ...sample(), hosts: {}, providers: { it: provider } });
export const draftOf = (provider: unknown): ProviderDraft => {
  const [draft] = configOf(withProvider(provider)).providers;
  if (draft === undefined) throw new Error('there is none');
  return draft;
};
/** The record of a provider whose endpoints are all written. */
export const providerOf = (provider: unknown) => {
  const draft = draftOf(provider);
  if (draft.kind !== 'complete') throw new Error('it waits for discovery');
  return draft.provider;
};
export const standard = {
  preset: 'oauth2',
  authorizationEndpoint: 'https://login.example.com/authorize?tenant=a',
  tokenEndpoint: 'https://login.example.com/token',
  api: 'https://api.example.com/v1/',
  client,
};
