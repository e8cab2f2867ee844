import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpBrowser } from '../../support/http-viewer.js';
import { replacing } from '../../support/replacing.js';
import { type ConsoleApp, PASSWORD, startConsole } from '../console-app.js';

const MINUTE = 60_000;
const SLOW = '/admin/administrators';

/** Something that is waited for until it is opened. */
const gate = () => {
  let open = (): void => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { open, opened };
};

describe('Two requests of one session at the same time', () => {
  let app: ConsoleApp;
  let ann: { readonly browser: HttpBrowser; readonly token: string };
  let reached: ReturnType<typeof gate>;
  let going: ReturnType<typeof gate>;

  beforeEach(async () => {
    reached = gate();
    going = gate();
    going.open();
    app = await startConsole({
      deps: ({ stores }) => {
        const list = async () => {
          reached.open();
          await going.opened;
          return stores.admins.list();
        };
        return { stores: { ...stores, admins: replacing(stores.admins, { list }) } };
      },
    });
    await app.admin('ann');
    ann = await app.signedIn();
    reached = gate();
    going = gate();
  });
  afterEach(() => app.close());

  it('keep what one of them changed, whichever is done last', async () => {
    app.clock.pass(6 * MINUTE);
    const late = app.page(ann.browser, SLOW);
    await reached.opened;
    const form = { to: '/admin', 'confirm-password': PASSWORD, 'form-token': ann.token };
    expect((await app.post(ann.browser, '/admin/confirm', form)).status).toBe(303);
    going.open();
    expect((await late).status).toBe(200);
    expect((await app.page(ann.browser, `${SLOW}/invite`)).status).toBe(200);
  });

  it('do not bring a session back that one of them ended', async () => {
    const late = app.page(ann.browser, SLOW);
    await reached.opened;
    const key = ann.browser.cookies(app.siteOrigin).get('oriel-admin');
    expect((await app.post(ann.browser, '/admin/sign-out', { 'form-token': ann.token })).status).toBe(303);
    going.open();
    await late;
    expect(await app.stores.webSessions.get(key ?? '', app.clock.now())).toBeNull();
  });
});
