import { describe, expect, it } from 'vitest';
import { configOf, environment, faultsOf, sample } from './sample.js';

const read = (traces: unknown, env: Readonly<Record<string, string>> = {}) =>
  configOf(traces === undefined ? sample() : { ...sample(), traces }, { ...environment, ...env }).traces;

describe('traces', () => {
  it('are off by default', () => {
    expect(read(undefined)).toBeNull();
  });

  it('go to /v1/traces of the collector, unless its address has a path', () => {
    expect(read({ endpoint: 'http://127.0.0.1:4318' })?.endpoint).toBe('http://127.0.0.1:4318/v1/traces');
    expect(read({ endpoint: 'https://c.example/otlp/v1/traces' })?.endpoint).toBe(
      'https://c.example/otlp/v1/traces',
    );
  });

  it('are turned on and off by OpenTelemetry’s own variables, too', () => {
    const standard = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
    expect(read(undefined, standard)).toEqual({
      endpoint: null,
      sample: null,
      continueFromProxy: false,
      headers: {},
    });
    expect(read(undefined, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c.example/x' })).not.toBeNull();
    expect(read({ endpoint: 'http://127.0.0.1:4318' }, { OTEL_SDK_DISABLED: 'true' })).toBeNull();
  });

  it('keep the collector’s key a secret', () => {
    const traces = read({ endpoint: 'http://127.0.0.1:4318', headers: { authorization: 'Bearer canary' } });
    expect(JSON.stringify(traces)).not.toContain('canary');
    expect(traces?.headers.authorization?.reveal()).toBe('Bearer canary');
  });

  it('are of a share from 0 to 1', () => {
    const wrong = { ...sample(), traces: { endpoint: 'http://127.0.0.1:4318', sample: 2 } };
    expect(faultsOf(wrong)).toEqual([
      expect.objectContaining({ path: 'traces.sample', problem: 'this is not a number from 0 to 1' }),
    ]);
  });
});
