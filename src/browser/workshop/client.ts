import type { Choice } from './choice.js';

/** A mistake as the page shows it. */
export interface ShownFault {
  readonly at: string;
  readonly problem: string;
  readonly excerpt: readonly string[];
  readonly expected: string;
  readonly example: string | null;
}

export interface ShownParameter {
  readonly name: string;
  readonly title: string;
  readonly type: string;
  readonly required: boolean;
  readonly values: readonly string[] | null;
  readonly usual: string;
  readonly value: string;
}

export interface ShownRequest {
  readonly name: string;
  readonly provider: string;
  readonly method: string;
  readonly target: string | null;
  readonly api: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  readonly times: number;
  readonly why: string | null;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
}

export interface ShownState {
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

export type ShownCell =
  | { readonly html: string; readonly lang: string; readonly dir: 'ltr' | 'rtl' }
  | { readonly problem: string };

/** What the server answers. Without a gadget there was no version yet that could be shown. */
export interface Answer {
  readonly revision: number;
  readonly isCurrent: boolean;
  readonly isChecked: boolean;
  readonly took: number;
  readonly locales: readonly string[];
  readonly faults: readonly ShownFault[];
  readonly me: { readonly name: string } | null;
  readonly gadget: { readonly id: string; readonly title: string; readonly description: string } | null;
  readonly states?: readonly ShownState[];
  readonly cells?: Readonly<Record<string, ShownCell>>;
  readonly parameters?: readonly ShownParameter[];
  readonly problem?: string | null;
  readonly answers?: Readonly<Record<string, { readonly data: unknown }>>;
  readonly picks?: Readonly<Record<string, string | null>>;
  readonly requests?: readonly ShownRequest[] | { readonly problem: string };
  readonly flows?: readonly string[];
  readonly style?: string | null;
}

const KEY = 'oriel-workshop-key';

/** The key of the printed address, which leaves the address at once and stays with this tab. */
const takeKey = (): string => {
  const given = location.hash.slice(1);
  if (/^[\w-]{43}$/.test(given)) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY) ?? '';
};

/** Asks the workshop's server. Null where it does not answer; `refused` where it wants the address that the command printed. */
export const client = (isPersonal: boolean) => {
  const key = isPersonal ? takeKey() : '';
  return {
    async show(choice: Choice, lookedAt: string, again: boolean): Promise<Answer | 'refused' | null> {
      const { states, locales, parameters } = choice;
      const headers: Record<string, string> = { 'Content-Type': 'application/json' };
      if (key !== '') headers.Authorization = `Bearer ${key}`;
      try {
        const body = JSON.stringify({ states, locales, parameters, state: lookedAt, again });
        const answer = await fetch('/show', { method: 'POST', headers, body });
        if (answer.status === 401) return 'refused';
        return answer.ok ? ((await answer.json()) as Answer) : null;
      } catch {
        return null;
      }
    },
  };
};
