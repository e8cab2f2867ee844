import type { Api } from './api.js';
import { textIn } from './api.js';
import type { HostLink } from './host-link.js';

/**
 * How a renewal ended. `signed-out`: no one is signed in to the host. `over`: this frame can't be renewed anymore, because someone else is
 * signed in or too much time passed. `failed`: undecided, another try may succeed.
 */
export type Renewal = 'renewed' | 'signed-out' | 'over' | 'failed';

/** The lifetime of this frame's bearer. Measured by the wall clock, which continues while the computer sleeps. */
export interface Lease {
  isOver(): boolean;
  /** Milliseconds until it expires. */
  left(): number;
  /** Milliseconds of a full lifetime. */
  life(): number;
  /** Expires it, whatever our clock says: the server no longer accepts the bearer. */
  end(): void;
  /** One renewal at a time: a call during one gets its outcome. */
  renew(): Promise<Renewal>;
}

const outcomeOf = (status: number, code: string | null): Renewal => {
  if (status === 200) return 'renewed';
  // A late or repeated token says nothing about the session.
  if (status === 401 && code !== null && code.startsWith('token_')) return 'failed';
  return status >= 400 && status < 500 && status !== 429 ? 'over' : 'failed';
};

/** A renewal asks the host page for a new token and sends it with the bearer. */
export const lease = (seconds: number, api: Api, link: HostLink): Lease => {
  let life = seconds * 1000;
  let startedAt = Date.now();
  let running: Promise<Renewal> | null = null;

  const attempt = async (): Promise<Renewal> => {
    const asked = await link.ask();
    if (asked.kind !== 'token') return asked.kind;
    const sent = Date.now();
    const answer = await api.post('/frame/renew', { token: asked.token });
    if (answer === null) return 'failed';
    const outcome = outcomeOf(answer.status, textIn(answer, 'code'));
    const expiresIn = answer.fields.expiresIn;
    if (outcome === 'renewed' && typeof expiresIn === 'number') {
      life = expiresIn * 1000;
      startedAt = sent;
    }
    return outcome;
  };

  const left = (): number => startedAt + life - Date.now();
  return {
    isOver: () => left() <= 0,
    left,
    life: () => life,
    end() {
      startedAt = Date.now() - life;
    },
    renew() {
      running ??= attempt().finally(() => {
        running = null;
      });
      return running;
    },
  };
};
