import { type Api, textIn } from './api.js';
import type { Consent } from './consent.js';
import { openWithTicket } from './handover.js';
import type { HostLink } from './host-link.js';
import type { Showing } from './showing.js';
import type { Stage } from './stage.js';
import { words } from './words.js';

const OPEN = 'details.oriel-menu[open]';

const openMenu = (): HTMLDetailsElement | null => document.querySelector<HTMLDetailsElement>(OPEN);

const close = (menu: HTMLDetailsElement, giveFocusBack: boolean): void => {
  menu.open = false;
  if (giveFocusBack) menu.querySelector('summary')?.focus();
};

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

const step = (menu: HTMLDetailsElement, by: number): void => {
  const items = Array.from(menu.querySelectorAll<HTMLElement>('summary, a[href], button'));
  const place = items.indexOf(document.activeElement as HTMLElement);
  items[(place + by + items.length) % items.length]?.focus();
};

/** The gadget's menu is a `<details>`: Escape and a click elsewhere close it, the arrow keys move through it. */
export const keyboardMenu = (): void => {
  document.addEventListener('keydown', (event) => {
    const menu = openMenu();
    if (menu === null) return;
    const by = STEPS[event.key];
    if (event.key === 'Escape') close(menu, true);
    else if (by !== undefined && menu.contains(document.activeElement)) {
      event.preventDefault();
      step(menu, by);
    }
  });
  document.addEventListener('click', ({ target }) => {
    const menu = openMenu();
    if (menu === null || !(target instanceof Element)) return;
    const inside = menu.contains(target);
    if (!inside || target.closest('[data-oriel-action], a[href]')) close(menu, inside);
  });
};

/** Acts on the buttons of fragments: `data-oriel-action`, and the provider it is about. */
export const actOnButtons = (parts: {
  readonly api: Api;
  readonly siteOrigin: string;
  /** The query that sets the frame's language on pages of the site origin. */
  readonly spoken: string;
  /** Whether this host's gadgets show links instead of opening windows. */
  readonly linked: boolean;
  readonly consent: Consent;
  readonly link: HostLink;
  readonly showing: Showing;
  readonly stage: Stage;
  /** Tells the other frames of this site to refresh. */
  readonly disconnected: () => void;
}): void => {
  const { api, consent, link, showing, stage } = parts;

  const disconnect = async (provider: string): Promise<void> => {
    const answer = await api.post('/frame/disconnect', { provider });
    const message = textIn(answer, 'message') ?? textIn(answer, 'detail');
    await showing.refresh();
    stage.say(message ?? words('tryAgain'));
    if (answer?.status === 200) parts.disconnected();
  };

  const openConnections = (): void => {
    const opened = openWithTicket(
      parts.siteOrigin,
      `/connections${parts.spoken}`,
      'popup,width=720,height=720',
      async () => {
        const answer = await api.post('/frame/tickets', {});
        const ticket = textIn(answer, 'ticket');
        return ticket === null ? { refused: textIn(answer, 'detail') ?? words('tryAgain') } : { ticket };
      },
    );
    if (!opened) stage.say(words('popups'));
  };

  const actions: Readonly<Record<string, (provider: string) => void>> = {
    connect: (provider) => consent.start(provider, 'connect'),
    reconnect: (provider) => consent.start(provider, 'connect'),
    'other-account': (provider) => consent.start(provider, 'other-account'),
    'been-there': () => void consent.ask(),
    'enter-code': () => void consent.enterCode(),
    disconnect: (provider) => void disconnect(provider),
    connections: () => (parts.linked ? consent.start('', 'visit') : openConnections()),
    cancel: () => void consent.cancel(),
    retry() {
      consent.leave();
      void showing.refresh();
    },
    reload() {
      link.send({ type: 'relaunch', asked: true });
      stage.say(words('reload'));
    },
  };

  document.addEventListener('keydown', ({ key, target, isComposing }) => {
    // No form: a sandbox may forbid those.
    if (key === 'Enter' && !isComposing && target instanceof Element && target.id === 'oriel-code')
      void consent.enterCode();
  });
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-oriel-action]') : null;
    if (!button) return;
    stage.say('');
    actions[button.dataset.orielAction ?? '']?.(button.dataset.orielProvider ?? '');
  });
};
