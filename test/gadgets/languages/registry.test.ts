import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { languageNamed, languages } from '../../../src/gadgets/languages/registry.js';
import { readManifest } from '../../../src/gadgets/manifest.js';
import { reading } from '../reading.js';

const faultsOf = (language: string, query: string, type: string) => {
  const definition = {
    title: 'T',
    description: 'D',
    parameters: { cards: { title: 'Cards', type } },
    requests: { r: { provider: 'p', path: '/x', format: 'json', query: { q: { [language]: query } } } },
  };
  const read = readManifest('gadget.yaml', stringify(definition), reading);
  return 'faults' in read ? read.faults.map(({ path }) => path) : [];
};

describe('the query languages', () => {
  it.each(languages())('have %s, which a query and a parameter may name', (name, { query, conditions }) => {
    expect(faultsOf(name, query.example, conditions === null ? 'text' : name)).toEqual([]);
    if (conditions !== null) expect(conditions.fault(conditions.example)).toBeNull();
  });

  it('have no other, not even one that every object has', () => {
    for (const name of ['sql', 'constructor', 'toString']) {
      expect(faultsOf(name, 'x', 'text')).toEqual(['requests.r.query.q']);
      expect(faultsOf('mql', 'x', name)).toEqual(['parameters.cards.type']);
      expect(() => languageNamed(name)).toThrow(`language ${name}`);
    }
  });
});
