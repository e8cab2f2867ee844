import { describe, expect, it } from 'vitest';
import { ACCOUNT_UNKNOWN } from '../../../src/connect/consent/consent-failures.js';
import type { UpstreamOutcome } from '../../../src/upstream/upstream-call.js';
import { rejection } from '../../support/rejection.js';
import { github } from '../connect-setup.js';

const redirect = { kind: 'unusable', code: 'redirect', detail: 'https://github.example/me/' } as const;

describe('An account that cannot be read', () => {
  it.each<[string, UpstreamOutcome]>([
    ['account: redirect to https://github.example/me/', redirect],
    ['account: redirect to https://github.example/me/', rejection({ status: 302, otherwise: redirect })],
    ['account: redirect', { ...redirect, detail: null }],
    ['account: status-401', rejection()],
    ['account: status-403', rejection({ status: 403 })],
  ])('has the cause “%s”', (cause, outcome) => {
    expect(ACCOUNT_UNKNOWN(github, outcome).failure).toMatchObject({ code: 'account_unknown', cause });
  });
});
