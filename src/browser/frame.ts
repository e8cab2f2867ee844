import { actOnButtons, keyboardMenu } from './frame/actions.js';
import { frameApi } from './frame/api.js';
import { actOnChoices } from './frame/choices.js';
import { consent } from './frame/consent.js';
import { type FrameData, takeData, takeGround } from './frame/data.js';
import { reportHeight } from './frame/height.js';
import { hostLink } from './frame/host-link.js';
import { images } from './frame/images.js';
import { type Lease, lease } from './frame/lease.js';
import { Showing } from './frame/showing.js';
import { ages, stage } from './frame/stage.js';
import { keepLooking } from './frame/standing.js';
import { backOff } from './frame/waiting.js';
import { envelope, isLookAgain } from './shared/messages.js';

const RENEW_AT = 0.8;

/** Frames of one page wake together; a random delay spreads their requests. */
const jitter = (most: number): number => Math.random() * most;

/**
 * Keeps the session alive: renews it at four fifths of its lifetime and whenever the frame is shown again (the page is visible again, the
 * network is back, the page was restored). By then someone else may be signed in to the host, so the host is asked for the viewer at once,
 * and the server whether the data may still be shown. Data that may not is removed before any request. Returns a function that renews
 * now.
 */
const keepAwake = (lease: Lease, showing: Showing, looked: () => void): (() => void) => {
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let end: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const schedule = (ms: number): void => {
    clearTimeout(renewal);
    clearTimeout(end);
    renewal = setTimeout(renew, ms);
    end = setTimeout(() => showing.expireIfOver(), Math.max(0, lease.left()) + 50);
  };

  const renew = async (): Promise<void> => {
    clearTimeout(renewal);
    const outcome = await showing.renew();
    failures = outcome === 'failed' ? failures + 1 : 0;
    if (outcome === 'renewed') schedule(lease.life() * (RENEW_AT - jitter(0.05)));
    else if (outcome === 'failed') {
      schedule(backOff(failures + 2));
      void showing.refresh();
    }
  };

  const woken = (restored: boolean): void => {
    if (restored || lease.isOver()) showing.hold();
    else void showing.look();
    clearTimeout(renewal);
    renewal = setTimeout(renew, restored ? 0 : jitter(100));
  };

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    looked();
    woken(false);
  });
  addEventListener('online', () => woken(false));
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) woken(true);
  });
  schedule(lease.life() * (RENEW_AT - jitter(0.05)));
  return () => void renew();
};

const AT_MOST_EVERY = 500;

const openChannel = (): BroadcastChannel | null => {
  try {
    return new BroadcastChannel('oriel');
  } catch {
    return null;
  }
};

/**
 * The channel between the frames of this site. Frames of other hosts and viewers receive its messages too, so the only message is “look
 * again”, and frequent messages don't cause more requests. Returns a function that sends it.
 */
const siteChannel = (heard: () => void): (() => void) => {
  const channel = openChannel();
  let planned = false;
  channel?.addEventListener('message', ({ data }) => {
    if (planned || !isLookAgain(data)) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      heard();
    }, Math.random() * AT_MOST_EVERY);
  });
  return () => channel?.postMessage(envelope({ type: 'look-again' }));
};

const AGES_EVERY = 20_000;

const run = (data: FrameData): void => {
  // From now on, a reload or Back is a GET that repeats nothing.
  history.replaceState(null, '', data.relaunchPath);
  takeGround();
  const writeAges = ages(data.locale);
  const api = frameApi(data.bearer, data.locale);
  const frameStage = stage(writeAges, data.locale, images(api));
  const link = hostLink(data.hostOrigins, frameStage.setTheme);
  const session = lease(data.expiresIn, api, link);
  const showing = new Showing(data, api, session, link, frameStage);
  const lookAgain = siteChannel(() => {
    waiting.look();
    void showing.refresh();
  });
  const { siteOrigin, connectMode } = data;
  const spoken = `?locale=${encodeURIComponent(data.locale)}`;
  const site = { siteOrigin, spoken };
  const waiting = consent({ api, ...site, connectMode, showing, stage: frameStage, connected: lookAgain });

  frameStage.setRequestId(data.requestId);
  frameStage.setFetched(data.fetchedAt);
  link.send({ type: 'parameters', names: data.parameters });
  link.send({ type: 'hello' });
  showing.enter(data.state);
  reportHeight((height) => link.send({ type: 'resize', height }));
  actOnButtons({
    api,
    ...site,
    linked: connectMode !== 'opener',
    consent: waiting,
    link,
    showing,
    stage: frameStage,
    disconnected: lookAgain,
  });
  actOnChoices({ api, showing, stage: frameStage, changed: lookAgain });
  keyboardMenu();
  keepLooking(showing);
  const renewNow = keepAwake(session, showing, () => waiting.look());
  showing.helpedBy({
    screens: (state) => waiting.screens(state),
    closed: () => waiting.leave(),
    reopened: () => void waiting.resume(),
    unauthorized: renewNow,
  });
  setInterval(writeAges, AGES_EVERY);

  if (data.skeleton) void showing.refresh();
  void waiting.resume();
};

const data = takeData<FrameData>('oriel-frame');
// A gadget never runs as a top-level page (T8), even if the browser doesn't send Fetch Metadata.
if (data !== null && window.parent !== window) run(data);
