const TICKET = /^#[\w-]{43}$/;

/**
 * The ticket of the link that opened this page, removed from the URL at once so that it is neither in the history nor in anything that
 * reads the URL. Null if the URL has none.
 */
export const ticketFromFragment = (): string | null => {
  const { hash, pathname } = location;
  if (hash === '') return null;
  history.replaceState(null, '', pathname);
  return TICKET.test(hash) ? hash.slice(1) : null;
};
