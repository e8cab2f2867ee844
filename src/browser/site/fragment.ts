const TICKET = /^#[\w-]{43}$/;

/**
 * The ticket of the link that opened this page, taken out of the address at once: nothing that looks at the history, or is told the
 * address, finds it there. Null when the address carries none.
 */
export const ticketFromFragment = (): string | null => {
  const { hash, pathname } = location;
  if (hash === '') return null;
  history.replaceState(null, '', pathname);
  return TICKET.test(hash) ? hash.slice(1) : null;
};
