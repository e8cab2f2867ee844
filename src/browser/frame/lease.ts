import type { Api } from './api.js';
import { textIn } from './api.js';
import type { HostLink } from './host-link.js';

/**
 * How a renewal ended. `signed-out`: the host names nobody. `over`: this frame can never be renewed, because the host names
 * somebody else, or too much time passed. `failed`: nothing is decided, another try may succeed.
 */
export type Renewal = 'renewed' | 'signed-out' | 'over' | 'failed';

/** The time this frame's bearer has left. Measured by the wall clock, which goes on while the computer sleeps. */
export interface Lease {
  isOver(): boolean;
  /** Milliseconds until it is over. */
  left(): number;
  /** Milliseconds of a whole life. */
  life(): number;
  /** It is over, whatever our clock says: the server no longer accepts the bearer. */
  end(): void;
  /** One renewal at a time: who asks during one gets its outcome. */
  renew(): Promise<Renewal>;
}

const outcomeOf = (status: number, code: string | null): Renewal => {
  if (status === 200) return 'renewed';
  // A token that came too late or twice says nothing of the session.
  if (status === 401 && code !== null && code.startsWith('token_')) return 'failed';
  return status >= 400 && status < 500 && status !== 429 ? 'over' : 'failed';
};

/** A renewal asks the host page for a fresh token and hands it in with the bearer. */
export const lease = (seconds: number, api: Api, link: HostLink): Lease => {
  let life = seconds * 1000;
  let began = Date.now();
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
      began = sent;
    }
    return outcome;
  };

  const left = (): number => began + life - Date.now();
  return {
    isOver: () => left() <= 0,
    left,
    life: () => life,
    end() {
      began = Date.now() - life;
    },
    renew() {
      running ??= attempt().finally(() => {
        running = null;
      });
      return running;
    },
  };
};
