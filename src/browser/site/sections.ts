import { pageLocale } from './page-locale.js';

/** The sections of a page that waits for its opener; one of them is shown. */
type Section = 'oriel-opening' | 'oriel-help' | 'oriel-failed';

const SECTIONS: readonly Section[] = ['oriel-opening', 'oriel-help', 'oriel-failed'];

export const showSection = (wanted: Section): void => {
  for (const id of SECTIONS) {
    const section = document.getElementById(id);
    if (section !== null) section.hidden = id !== wanted;
  }
};

const write = (id: string, text: unknown): void => {
  const element = document.getElementById(id);
  if (element !== null && typeof text === 'string' && text !== '') element.textContent = text;
};

/**
 * Shows the server's error message (RFC 9457). The ID of the failed request replaces the page's own in the footer, since it is the one to
 * search for in the log.
 */
export const showRefusal = (problem: Readonly<Record<string, unknown>>): void => {
  write('oriel-failed-message', problem.detail);
  write('oriel-failed-code', problem.code);
  write('oriel-request', problem.requestId);
  showSection('oriel-failed');
};

/** Sends JSON to our own origin. An error, or no answer, is returned as a problem. */
export const postJson = async (
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<{ readonly ok: boolean; readonly content: Readonly<Record<string, unknown>> }> => {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'Accept-Language': pageLocale(),
      },
      body: JSON.stringify(body),
    });
    return { ok: answer.ok, content: (await answer.json()) as Readonly<Record<string, unknown>> };
  } catch {
    return {
      ok: false,
      content: {
        detail: document.querySelector<HTMLElement>('[data-oriel-no-answer]')?.dataset.orielNoAnswer,
      },
    };
  }
};
