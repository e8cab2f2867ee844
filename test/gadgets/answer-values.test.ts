import { describe, expect, it } from 'vitest';
import { narrow, textsAt } from '../../src/gadgets/answer-values.js';

const definitions = {
  property_definitions: {
    '@type': 'array',
    property_definition: [{ name: 'Status' }, { name: { '@lang': 'en', '#text': 'Owner' } }, { id: '3' }],
  },
};
const path = 'property_definitions.property_definition.name';

describe('the texts at a path', () => {
  it('are found through lists, and with attributes', () => {
    expect(textsAt(definitions, path)).toEqual(['Status', 'Owner']);
    expect(textsAt([{ a: [1, 'x'] }, { a: null }, 'text'], 'a')).toEqual(['1', 'x']);
  });

  it('are none where the path leads nowhere', () => {
    expect(textsAt(definitions, 'property_definitions.constructor.name')).toEqual([]);
    expect(textsAt('text', 'length')).toEqual([]);
    expect(textsAt(null, 'a.b')).toEqual([]);
  });
});

describe('a list narrowed to what an answer knows', () => {
  it('keeps the page’s order and takes the provider’s spelling, each item once', () => {
    expect(narrow(['OWNER', 'Estimate', 'status', 'Status'], definitions, path)).toEqual({
      known: ['Owner', 'Status'],
      unknown: ['Estimate'],
    });
  });

  it('is empty when none was given', () => {
    expect(narrow(undefined, definitions, path)).toEqual({ known: [], unknown: [] });
  });
});
