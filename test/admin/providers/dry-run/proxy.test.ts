import { describe, expect, it } from 'vitest';
import { judgeChannel, judgeName } from '../../../../src/admin/providers/dry-run/reachability.js';

const reach = { allowAddresses: [], certificates: [] };
const proxied = { kind: 'proxied', proxy: 'http://proxy.example:3128' } as const;

describe('A dry run through a proxy', () => {
  it('says that the proxy looks the name up', () => {
    const line = judgeName('https://wiki.example', proxied, reach);
    expect(line).toMatchObject({ code: 'name_by_proxy', light: 'green' });
    expect(line.sentence).toContain('http://proxy.example:3128');
  });

  it('says that a name of metadata services is never called', () => {
    expect(judgeName('https://metadata.google.internal', proxied, reach).code).toBe('address_never');
  });

  it('names what the proxy said', () => {
    const fact = { kind: 'none', reason: 'proxy', code: 'proxy-refused-407' } as const;
    const line = judgeChannel('https://wiki.example', fact, 0);
    expect(line).toMatchObject({ code: 'proxy_failed', light: 'red' });
    expect(line.cause).toContain('proxy-refused-407');
    expect(line.fix).toContain('outgoingProxy');
  });
});
