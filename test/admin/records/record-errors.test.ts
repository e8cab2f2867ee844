import { describe, expect, it } from 'vitest';
import { HOST_FIELDS } from '../../../src/admin/hosts/host-form.js';
import { PROVIDER_FIELDS } from '../../../src/admin/providers/provider-form.js';
import { errorsOf } from '../../../src/admin/records/record-errors.js';
import type { Fault } from '../../../src/domain/fault.js';

const fault = (path: string, problem: string, example: string | null = null): Fault => ({
  file: 'oriel.yaml',
  path,
  line: null,
  problem,
  expected: 'as a file would say it',
  example,
});

const ofHost = (faults: readonly Fault[], form: Readonly<Record<string, string>> = {}) =>
  errorsOf(faults, HOST_FIELDS, { kind: 'host', id: 'wiki', form: new Map(Object.entries(form)) });
const ofProvider = (...faults: readonly Fault[]) =>
  errorsOf(faults, PROVIDER_FIELDS, { kind: 'provider', id: 'jira', form: new Map() });

describe('A mistake in a form', () => {
  it('is shown at its field in words for a person, without what only a file needs', () => {
    const { byField } = ofProvider(
      fault('providers.jira.tokenEndpoint', 'this is missing', 'https://login.example.com/token'),
      fault('providers.jira.client.id', 'this is missing', `\${JIRA_ID}`),
      fault('providers.jira.accountPage', 'mode `x` has no URL'),
      fault('providers.jira.grantTypes', 'this is not a group of keys', '{"a": 1}'),
    );
    expect(byField).toEqual({
      'token-endpoint':
        'Enter this, or the issuer, whose metadata contains it. For example: https://login.example.com/token',
      'client-id': 'Enter the client ID from the provider.',
      'account-page': 'Mode “x” has no URL.',
      'grant-types': 'This is not a JSON object: it starts with { and ends with }.',
    });
  });

  it('names the item of a list that it is about, as it was typed or by its number', () => {
    const faults = [fault('hosts.wiki.origins[1]', 'this is no origin', 'https://wiki.example.com')];
    expect(ofHost(faults, { origins: 'https://a.example nonsense' }).byField.origins).toBe(
      '“nonsense”: this is no origin. For example: https://wiki.example.com',
    );
    const long = { origins: `https://a.example ${'n'.repeat(500)}` };
    expect(ofHost(faults, long).byField.origins).toMatch(/^Number 2: this is no origin/);
  });

  it('is shown next to others of the same field', () => {
    const { byField } = ofHost([
      fault('hosts.wiki.gadgets[0]', 'the gadget “a” needs this'),
      fault('hosts.wiki.gadgets[1]', 'the gadget “b” needs that'),
    ]);
    expect(byField.gadgets).toBe('The gadget “a” needs this. The gadget “b” needs that.');
  });

  it('shows the same example once for all errors of a field', () => {
    const faults = [0, 1].map((n) =>
      fault(`hosts.wiki.origins[${n}]`, 'this is no origin', 'https://gocd.example.com'),
    );
    expect(ofHost(faults, { origins: 'a b' }).byField.origins).toBe(
      '“a”: this is no origin. “b”: this is no origin. For example: https://gocd.example.com',
    );
  });

  it('of a group belongs to the first field of the group', () => {
    expect(ofProvider(fault('providers.jira.client', 'host wiki has no registration')).byField).toEqual({
      'client-id': 'Host wiki has no registration.',
    });
  });

  it('that belongs to no field, or to another record, is shown with its path', () => {
    const { byField, others } = ofProvider(
      fault('providers.jira.future', 'this key is not known here'),
      fault('providers.jira2.client.id', 'this is missing'),
      fault('hosts.wiki.providers[0]', 'there is no provider x'),
    );
    expect(byField).toEqual({});
    expect(others.map(({ place }) => place)).toEqual([
      'future',
      'providers.jira2.client.id',
      'hosts.wiki.providers[0]',
    ]);
  });
});
