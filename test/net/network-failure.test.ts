import { expect, it } from 'vitest';
import { AddressRefused } from '../../src/net/address-guard.js';
import { failureCode, networkFailure } from '../../src/net/network-failure.js';
import { ProxyFailure } from '../../src/net/proxy.js';

const withCode = (code: string): Error => Object.assign(new Error('never shown'), { code });

it.each([
  [new AddressRefused('inner.example'), 'address-refused', 'address-refused'],
  [withCode('ENOTFOUND'), 'name-unknown', 'name-unknown'],
  [withCode('ECONNREFUSED'), 'refused', 'connection-refused'],
  [withCode('UND_ERR_HEADERS_TIMEOUT'), 'timeout', 'timeout'],
  [AbortSignal.abort(new DOMException('', 'TimeoutError')).reason, 'timeout', 'timeout'],
  [withCode('ECONNRESET'), 'reset', 'network'],
  [withCode('CERT_HAS_EXPIRED'), 'certificate', 'certificate'],
  [withCode('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'), 'certificate', 'certificate'],
  [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'no-tls', 'network'],
  [withCode('HPE_INVALID_CONSTANT'), 'no-http', 'network'],
  [withCode('EHOSTUNREACH'), 'unreachable', 'network'],
  [new ProxyFailure('proxy-refused-407', { origin: 'https://proxy.example' }), 'proxy', 'proxy-refused-407'],
  ['no error at all', 'unreachable', 'network'],
])('%s is called %s where an administrator looks, %s in logs and pages', (error, reason, code) => {
  expect(networkFailure(error).reason).toBe(reason);
  expect(failureCode(error)).toBe(code);
});
