import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../src/connect/consent/typed-code.js';
import { systemDigest, systemEntropy } from '../../../src/server/node-system.js';

const digest = systemDigest;
const [ours, theirs] = [systemEntropy.secret(), systemEntropy.secret()];

describe('The code of a flow', () => {
  it('is known to the browser that has its nonce, and cannot be worked out from flow and time', () => {
    const code = codeOf({ digest }, { id: 'f' }, ours, 1000);
    expect(codeOf({ digest }, { id: 'f' }, ours, 1000)).toBe(code);
    expect(codeOf({ digest }, { id: 'f' }, theirs, 1000)).not.toBe(code);
  });

  it('is another for each flow and each time it is made again', () => {
    const code = codeOf({ digest }, { id: 'f' }, ours, 1000);
    expect(codeOf({ digest }, { id: 'g' }, ours, 1000)).not.toBe(code);
    expect(codeOf({ digest }, { id: 'f' }, ours, 1001)).not.toBe(code);
  });
});
