import { actOnButtons } from './frame/actions.js';
import { ages } from './frame/ages.js';
import { frameApi } from './frame/api.js';
import { siteChannel } from './frame/channel.js';
import { consent } from './frame/consent.js';
import { type FrameData, takeData, takeGround } from './frame/data.js';
import { reportHeight } from './frame/height.js';
import { hostLink } from './frame/host-link.js';
import { lease } from './frame/lease.js';
import { keyboardMenu } from './frame/menu.js';
import { Showing } from './frame/showing.js';
import { stage } from './frame/stage.js';
import { keepLooking } from './frame/standing.js';
import { keepAwake } from './frame/wake.js';

const AGES_EVERY = 20_000;

const run = (data: FrameData): void => {
  // From now on, a reload or Back is a GET that repeats nothing.
  history.replaceState(null, '', data.relaunchPath);
  takeGround();
  const writeAges = ages(data.locale);
  const api = frameApi(data.bearer, data.locale);
  const scene = stage(writeAges, data.locale);
  const link = hostLink(data.hostOrigins, scene.setTheme);
  const session = lease(data.expiresIn, api, link);
  const showing = new Showing(data, api, session, link, scene);
  const lookAgain = siteChannel(() => {
    waiting.look();
    void showing.refresh();
  });
  const { siteOrigin, connectMode } = data;
  const spoken = `?locale=${encodeURIComponent(data.locale)}`;
  const site = { siteOrigin, spoken };
  const waiting = consent({ api, ...site, connectMode, showing, stage: scene, connected: lookAgain });

  scene.setRequestId(data.requestId);
  scene.setFetched(data.fetchedAt);
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
    stage: scene,
    disconnected: lookAgain,
  });
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
  if (data.state === 'connect' || data.state === 'reconnect') void waiting.resume();
};

const data = takeData<FrameData>('oriel-frame');
// A gadget never runs as a top-level page (T8), even if the browser doesn't send Fetch Metadata.
if (data !== null && window.parent !== window) run(data);
