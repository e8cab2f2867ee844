import { describe, expect, it } from 'vitest';
import { outlookAt, outlookOf } from '../../../src/connect/ending/revocation-outlook.js';
import type { Connection } from '../../../src/domain/connection.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Provider } from '../../../src/providers/provider.js';
import { github, mingle } from '../connect-setup.js';

const knowing = (provider: Provider | undefined, leaving?: Provider) => ({
  provider: () => provider,
  leaving: () => leaving,
});
const connection = (more: Partial<Connection> = {}) => ({
  provider: 'github',
  viewer: viewerOf('gocd', 'ann'),
  clientId: github.client?.id ?? '',
  status: 'active' as const,
  ...more,
});

describe('what is said of a permission before it is ended', () => {
  it.each([
    ['asked', github, undefined],
    ['asked', undefined, github],
    ['unsupported', mingle, undefined],
    ['unsupported', undefined, mingle],
    ['unknown', undefined, undefined],
  ])('is “%s” by what the record offers', (outlook, provider, leaving) => {
    expect(outlookAt(knowing(provider, leaving), 'github')).toBe(outlook);
  });

  it('promises nothing for a registration that is not ours any more', () => {
    expect(outlookOf(knowing(github), connection({ clientId: 'another' }))).toBe('unknown');
    expect(outlookOf(knowing(github), connection())).toBe('asked');
  });

  it('is “nothing” where the Connection has no tokens any more', () => {
    expect(outlookOf(knowing(github), connection({ status: 'reconnect' }))).toBe('nothing');
  });
});
