import { expect, it } from 'vitest';
import { Canaries, type Grant, SeededRandom } from '../../src/cli/verify/canaries.js';

it('What two viewers were shown alike is equal without their canaries, even where one answer was asked for by another', () => {
  const canaries = new Canaries(new SeededRandom(1));
  const shownTo = (viewer: string): string => {
    const grant: Grant = { viewer, provider: 'bitbucket', endedAt: null };
    const id = canaries.of({ grant, request: 'pulls.me', target: 'GET /user' }).text;
    const target = `GET /pullrequests/${encodeURIComponent(`${id} 1`)}`;
    const { text, number } = canaries.of({ grant, request: 'pulls.pulls', target });
    return `#${number} ${text}`;
  };
  const [ann, bob] = [shownTo('ann'), shownTo('bob')];
  expect(ann).not.toBe(bob);
  expect(canaries.anonymous(ann)).toBe(canaries.anonymous(bob));
  expect(canaries.anonymous(ann)).toContain('pulls.me');
});
