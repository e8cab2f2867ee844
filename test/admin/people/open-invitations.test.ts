import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/domain/actor.js';
import { HttpBrowser } from '../../support/http-viewer.js';
import { type ConsoleApp, PASSWORD, startConsole } from '../console-app.js';

const mallory: Actor = { kind: 'admin', id: 'm', name: 'mallory' };
const NEW = 'five words in a row';

describe('A link that sets a password', () => {
  let app: ConsoleApp;
  beforeEach(async () => {
    app = await startConsole();
    await app.admin('ann');
  });
  afterEach(() => app.close());

  const opens = async (link: { reveal(): string }) =>
    (await app.post(new HttpBrowser(), '/admin/setup', { token: new URL(link.reveal()).hash.slice(1) }))
      .status === 200;

  it('stops working when the administrator who created it is removed', async () => {
    const { id } = await app.admin('mallory');
    const { administrators } = app.manage;
    const own = await administrators.invite(mallory);
    const another = await administrators.reset((await administrators.named('ann')).id, mallory);
    expect([await opens(own.link), await opens(another.link)]).toEqual([true, true]);
    await administrators.remove(id, { kind: 'command', name: 'root' });
    expect([await opens(own.link), await opens(another.link)]).toEqual([false, false]);
  });

  it('stops working once its administrator changed the password', async () => {
    const { browser, token } = await app.signedIn('ann');
    const { administrators } = app.manage;
    const ann = (await administrators.named('ann')).id;
    const [first, second] = [
      await administrators.reset(ann, mallory),
      await administrators.reset(ann, mallory),
    ];
    const form = { 'form-token': token, current: PASSWORD, password: NEW, again: NEW };
    expect((await app.post(browser, '/admin/administrators/password', form)).status).toBe(303);
    expect([await opens(first.link), await opens(second.link)]).toEqual([false, false]);

    const [used, other] = [
      await administrators.reset(ann, mallory),
      await administrators.reset(ann, mallory),
    ];
    const given = new URL(used.link.reveal()).hash.slice(1);
    const set = { token: given, password: PASSWORD, again: PASSWORD };
    expect((await app.post(new HttpBrowser(), '/admin/setup', set)).status).toBe(303);
    expect(await opens(other.link)).toBe(false);
  });
});
