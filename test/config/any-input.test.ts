import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigFaults } from '../../src/config/config-faults.js';
import { parseConfig } from '../../src/config/read-config.js';
import { environment, FILE, sample } from './sample.js';

/** Reads it, and lets anything but a whole configuration or a list of complete faults fail the test. */
const withstand = (bytes: Uint8Array): void => {
  try {
    expect(parseConfig(bytes, FILE, environment).keys.length).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    for (const fault of error.faults) {
      expect(fault.problem).not.toMatch(/Invalid|expected|Too |Unrecognized/);
      expect(fault.expected).not.toBe('');
    }
  }
};

const pathsOf = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, item]) => [[...path, key], ...pathsOf(item, [...path, key])])
    : [];

const change = (value: unknown, path: readonly string[], content: unknown): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return content;
  const group: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  if (rest.length === 0 && content === undefined) delete group[key];
  else group[key] = change(group[key], rest, content);
  return Array.isArray(value) ? Object.values(group) : group;
};

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.webUrl(),
  fc.constantFrom(
    '',
    '*',
    `\${`,
    `\${ORIEL_KEY}`,
    `\${NONE}`,
    `\${file:/etc/passwd}`,
    'none',
    'oauth2',
    'HS256',
  ),
);
const anything = fc.oneof(
  text,
  fc.constantFrom(undefined, null, true, 0, -1, 1.5, Number.MAX_VALUE, [], {}, [[]], { a: 1 }),
  fc.anything({ withNullPrototype: false, maxDepth: 3 }).filter((value) => typeof value !== 'function'),
);

describe('Whatever the configuration holds', () => {
  it('any bytes produce a configuration or the list of faults, nothing else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), withstand), { numRuns: 300 });
  });

  it('so does any text made of YAML’s own signs', () => {
    const sign = fc.constantFrom(
      ...['\n', '  ', '- ', '? ', ': ', '[', ']', '{', '}', ',', '"', "'", '|', '>', '&a ', '*a', '!t ', '#'],
      ...['hosts', 'providers', 'keys', '---', '...', '%YAML 1.1', '<<', '\t', '\0', '\ufeff', 'x', '1'],
    );
    const document = fc.array(sign, { maxLength: 40 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(document, (signs) => withstand(Buffer.from(signs))),
      { numRuns: 500 },
    );
  });

  it('so does a correct one with any value replaced', () => {
    const full = { ...sample(), listen: { port: 1 }, trustedProxies: ['10.0.0.0/8'], gadgets: ['x'] };
    const mutation = fc.tuple(fc.constantFrom(...pathsOf(full)), anything);
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const data = mutations.reduce<unknown>(
          (before, [path, content]) => change(before, path, content),
          full,
        );
        withstand(Buffer.from(stringify(data, { aliasDuplicateObjects: false }) ?? ''));
      }),
      { numRuns: 600 },
    );
  });

  it('so does any environment', () => {
    const env = fc.record({ ORIEL_KEY: text, GOCD_HOST_SECRET: text, MINGLE_SECRET: text });
    fc.assert(
      fc.property(env, (values) => {
        try {
          parseConfig(Buffer.from(stringify(sample())), FILE, values);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigFaults);
        }
      }),
      { numRuns: 200 },
    );
  });
});
