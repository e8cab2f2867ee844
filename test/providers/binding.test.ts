import { expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { bindToken } from '../../src/providers/binding.js';

const url = new URL('https://shop.example/admin/api');
const bound = { token: new Secret('the-token'), origins: ['https://shop.example'] };

it('A token stands in the header that the record names, and in no other', () => {
  const authorizationHeader = '{token}';
  expect(bindToken(bound, { authorizationHeader, tokenHeader: 'x-shopify-access-token' }, url)).toEqual({
    'x-shopify-access-token': 'the-token',
  });
  expect(bindToken(bound, { authorizationHeader: 'Bearer {token}' }, url)).toEqual({
    authorization: 'Bearer the-token',
  });
});

it.each([
  'https://shop.example.theirs.example/',
  'https://theirs.example/',
  'http://shop.example/',
  'https://shop.example:8443/',
])('It stands in none for %s, whatever the header is called', (elsewhere) => {
  for (const tokenHeader of ['authorization', 'x-token'])
    expect(bindToken(bound, { authorizationHeader: '{token}', tokenHeader }, new URL(elsewhere))).toBeNull();
});
