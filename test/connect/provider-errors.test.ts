import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finishFlow } from '../../src/connect/consent/finish-flow.js';
import { Browser, type ConnectSetup, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

describe('A provider that refuses', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;
  const flow = async (id: string) => setup.stores.flows.byId(id);

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
    browser = new Browser();
  });
  afterEach(() => setup.stores.close());

  it.each([
    ['access_denied', 'cancelled', 'denied'],
    ['ACCESS_DENIED', 'cancelled', 'denied'],
    ['Access-Denied', 'cancelled', 'denied'],
    ['accessDenied', 'cancelled', 'denied'],
    ['consent_required', 'cancelled', 'denied'],
    ['user_cancelled_login', 'cancelled', 'denied'],
    ['user_cancelled_authorize', 'cancelled', 'denied'],
    ['user_canceled', 'cancelled', 'denied'],
    ['user_denied', 'cancelled', 'denied'],
    ['authorization_declined', 'cancelled', 'denied'],
    ['cancelled', 'cancelled', 'denied'],
    ['cancel', 'cancelled', 'denied'],
    ['SERVER_ERROR', 'failed', 'provider_down'],
    ['login_required', 'failed', 'provider_refused'],
    ['access_restricted', 'failed', 'provider_refused'],
    ['server_error', 'failed', 'provider_down'],
    ['invalid_scope', 'failed', 'misconfigured'],
    ['something-new', 'failed', 'provider_refused'],
    ['<script>', 'failed', 'provider_refused'],
  ])('with %s ends the flow as %s', async (error, status, code) => {
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, error, code: 'code-of-ada' });
    expect(await flow(id)).toMatchObject({ status, failure: { code } });
    expect(setup.server.asked('redeem')).toBe(0);
  });

  it.each([
    [{ error: 'server_error', error_subcode: 'cancel' }],
    [{ error: 'access_denied', error_code: '200', error_reason: 'user_denied' }],
    [{ error_reason: 'user_denied' }],
  ])('in a reason beside the error’s code ends the flow as the person’s no: %j', async (said) => {
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, ...said });
    expect((await flow(id))?.failure?.code).toBe('denied');
  });

  it('may send additional and repeated fields that we do not use', async () => {
    const { flow: id, state } = await steps.depart(browser);
    const description = 'x'.repeat(40_000);
    const query = `state=${state}&error=access_denied&error_description=${description}&hd=a&hd=b`;
    await finishFlow(setup.ports, 'github', new URLSearchParams(query), { nonces: browser });
    expect((await flow(id))?.failure?.code).toBe('denied');
  });

  it('is asked for no code that is longer than 16 kB, and for each that is not', async () => {
    const long = await steps.depart(browser);
    const code = 'c'.repeat(16 * 1024);
    await expect(steps.callback(browser, { state: long.state, code: `${code}c` })).rejects.toMatchObject({
      code: 'parameter_invalid',
    });
    await steps.callback(browser, { state: long.state, code });
    expect(setup.server.requests.find(({ kind }) => kind === 'redeem')?.detail).toBe(code);
  });

  it('is quoted shortly, on one line, and never with its address', async () => {
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, {
      state,
      error: 'invalid_scope',
      error_description: `line\none \u202e${'x'.repeat(500)}`,
      error_uri: 'javascript:alert(1)',
    });
    const { failure } = (await flow(id)) ?? {};
    expect(failure?.said).toMatch(/^line one x+…$/);
    expect(JSON.stringify(failure).length).toBeLessThan(400);
    expect(JSON.stringify(failure)).not.toContain('javascript:');
  });

  it('without state, in the legacy dialect, ends the one flow that it can be about', async () => {
    const { flow: id } = await steps.depart(browser, 'mingle');
    const callback = await steps.callback(browser, { error: 'access-denied' }, 'mingle');
    expect(callback).toEqual({ kind: 'flow', flow: id });
    expect((await flow(id))?.status).toBe('cancelled');
  });

  it('without state is not quoted: anyone may have written that address', async () => {
    const { flow: id } = await steps.depart(browser, 'mingle');
    await steps.callback(browser, { error: 'server_error', error_description: 'Call 0900' }, 'mingle');
    const ended = await flow(id);
    expect(ended).toMatchObject({ status: 'failed', failure: { code: 'provider_down' } });
    expect(JSON.stringify(ended?.failure)).not.toContain('0900');
  });

  it('without state ends nothing when two flows of this browser could be meant', async () => {
    const flows = [await steps.depart(browser, 'mingle'), await steps.depart(browser, 'mingle')];
    expect(await steps.callback(browser, { error: 'access-denied' }, 'mingle')).toEqual({ kind: 'neutral' });
    for (const { flow: id } of flows) expect((await flow(id))?.status).toBe('redirected');
  });

  it('without state ends nothing in another browser, nor for a provider that sends state', async () => {
    const legacy = await steps.depart(browser, 'mingle');
    const standard = await steps.depart(browser, 'github');
    const error = { error: 'access_denied' };
    expect(await steps.callback(new Browser(), error, 'mingle')).toEqual({ kind: 'neutral' });
    expect(await steps.callback(browser, error, 'github')).toEqual({ kind: 'neutral' });
    expect((await flow(legacy.flow))?.status).toBe('redirected');
    expect((await flow(standard.flow))?.status).toBe('redirected');
  });

  it('never redeems a code without state', async () => {
    await steps.depart(browser, 'mingle');
    const both = { code: 'code-of-ada', error: 'access-denied' };
    expect(await steps.callback(browser, { code: 'code-of-ada' }, 'mingle')).toEqual({ kind: 'neutral' });
    expect(await steps.callback(browser, both, 'mingle')).toEqual({ kind: 'neutral' });
    expect(setup.server.asked('redeem')).toBe(0);
  });

  it('to the code, because of the client, stops that client', async () => {
    const { flow: id, state } = await steps.depart(browser);
    const waiting = await steps.depart(browser);
    setup.server.answers.push({ kind: 'invalid-client', code: 'invalid_client' });
    await steps.callback(browser, { state, code: 'code-of-ada' });
    expect((await flow(id))?.failure?.code).toBe('misconfigured');
    await steps.callback(browser, { state: waiting.state, code: 'code-of-ada' });
    expect((await flow(waiting.flow))?.failure?.code).toBe('client_stopped');
    expect(setup.server.asked('redeem')).toBe(1);
  });

  it('to one viewer’s code, by unauthorized_client, stops no one else', async () => {
    const { flow: id, state } = await steps.depart(browser);
    const waiting = await steps.depart(browser);
    setup.server.answers.push({ kind: 'invalid-client', code: 'unauthorized_client' });
    await steps.callback(browser, { state, code: 'code-of-ada' });
    expect((await flow(id))?.status).toBe('failed');
    await steps.callback(browser, { state: waiting.state, code: 'code-of-ada' });
    expect((await flow(waiting.flow))?.status).toBe('pending');
  });
});
