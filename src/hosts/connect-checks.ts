import type { Mistake } from '../domain/document-path.js';
import { parseUrl } from '../domain/parse-url.js';
import type { HostEntry } from './host-schema.js';

const EXPECTED =
  'with mode `reauth`, and with no other, the page of this host that answers whose session a browser has';

const urlProblem = (
  connect: NonNullable<HostEntry['connect']>,
  origins: readonly string[],
): string | null => {
  if (connect.mode !== 'reauth')
    return connect.url === undefined ? null : `mode \`${connect.mode}\` has no URL`;
  if (connect.url === undefined) return 'this is missing';
  const url = parseUrl(connect.url);
  if (url === null || !origins.includes(url.origin)) return "this is on none of the host's origins";
  return url.searchParams.has('request') ? 'the server sets the parameter `request` itself' : null;
};

/** Whether mode and URL of a host's connecting fit: its people are sent there, and nowhere else. */
export const connectMistakes = (id: string, { connect, origins }: HostEntry): readonly Mistake[] => {
  const problem = connect === undefined ? null : urlProblem(connect, origins);
  if (problem === null) return [];
  const [first] = origins;
  return [
    {
      path: ['hosts', id, 'connect', 'url'],
      problem,
      expected: EXPECTED,
      example: first === undefined ? null : `${first}/oriel-connect`,
    },
  ];
};
