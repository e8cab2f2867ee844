import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stubServer } from '../upstream/stub-server.js';
import { type Played, setUpOthers } from './mingle-setup.js';

/** How an application is asked for what is someone's, and which request of the sample answers it. */
interface Asked {
  readonly request: string;
  /** Method, target and body as they arrive below the provider's API; the stub answers nothing else. */
  readonly asked: RegExp;
}

interface Tried {
  readonly gadget: string;
  readonly role: string;
  readonly edition?: string;
  readonly facts?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly requests: readonly Asked[];
  readonly shown: readonly string[];
  readonly sample?: string;
  /** Where in an answer the data is that the sample has. */
  readonly within?: string;
}

const TRIED: readonly Tried[] = [
  {
    ...{ gadget: 'github-reviews', role: 'github', parameters: { organization: 'acme' } },
    requests: [
      {
        request: 'search',
        asked:
          /^GET \/search\/issues\?q=is%3Aopen\+is%3Apr\+archived%3Afalse\+review-requested%3A%40me\+org%3Aacme&sort=updated&order=desc&per_page=20$/,
      },
    ],
    shown: ['#412 Keep drafts when the connection is lost', 'acme/calendar', 'Draft', '3 comments'],
  },
  {
    ...{ gadget: 'gitlab-merge-requests', role: 'gitlab' },
    requests: [
      { request: 'me', asked: /^GET \/user$/ },
      { request: 'reviews', asked: /^GET \/merge_requests\?scope=all&state=opened&reviewer_id=17&/ },
      { request: 'mine', asked: /^GET \/merge_requests\?scope=created_by_me&state=opened&/ },
    ],
    shown: ['To review 2 AA !12 Keep drafts', 'Mine 1 CC !15 Upgrade the build image Conflicts'],
  },
  {
    ...{ gadget: 'jira-issues', role: 'jira' },
    facts: { cloud: '1324a887-45db-1bf4-1e99-ef0ff456d421' },
    requests: [
      {
        request: 'site',
        asked: /^GET \/ex\/jira\/1324a887-45db-1bf4-1e99-ef0ff456d421\/rest\/api\/3\/serverInfo$/,
      },
      {
        request: 'issues',
        asked:
          /^GET \/ex\/jira\/1324a887-45db-1bf4-1e99-ef0ff456d421\/rest\/api\/3\/search\/jql\?jql=%28assignee\+%3D\+currentUser%28%29\+AND\+statusCategory\+%21%3D\+Done%29\+ORDER\+BY\+updated\+DESC&/,
      },
    ],
    shown: ['MAIL-95 Subscribe to the news', 'Due Tue 1 Dec', 'In Review'],
  },
  {
    ...{ gadget: 'jira-issues', role: 'jira', edition: 'data-center', sample: 'sample-data-center' },
    parameters: { conditions: 'project = MAIL' },
    requests: [
      { request: 'own', asked: /^GET \/search\?jql=%28project\+%3D\+MAIL%29\+ORDER\+BY\+updated\+DESC&/ },
    ],
    shown: ['MAIL-27 Attachments vanish', 'To Do'],
  },
  {
    ...{ gadget: 'bitbucket-pull-requests', role: 'bitbucket', parameters: { workspace: 'acme' } },
    requests: [
      { request: 'me', asked: /^GET \/user$/ },
      {
        request: 'pulls',
        asked:
          /^GET \/workspaces\/acme\/pullrequests\/557058%3A6b4f1c70\?state=OPEN&pagelen=20&sort=-updated_on$/,
      },
    ],
    shown: ['#12 Keep drafts', 'acme/mail', 'Draft'],
  },
  {
    ...{ gadget: 'gitea-pull-requests', role: 'gitea' },
    requests: [
      {
        request: 'reviews',
        asked: /^GET \/repos\/issues\/search\?type=pulls&state=open&review_requested=true&limit=20$/,
      },
      {
        request: 'mine',
        asked: /^GET \/repos\/issues\/search\?type=pulls&state=open&created=true&limit=20$/,
      },
    ],
    shown: ['To review 2 AA #12 Keep drafts', 'Mine 1 CC #15 Upgrade'],
  },
  {
    ...{ gadget: 'sentry-issues', role: 'sentry', parameters: { organization: 'acme' } },
    requests: [
      {
        request: 'issues',
        asked:
          /^GET \/organizations\/acme\/issues\/\?query=is%3Aunresolved\+assigned%3Ame&sort=date&limit=20$/,
      },
    ],
    shown: ['MAIL-4F TypeError', '1,204 events', '37 users'],
  },
  {
    ...{ gadget: 'linear-issues', role: 'linear' },
    requests: [
      { request: 'issues', asked: /^POST \/graphql \{"query":"query\(\$after: String\).*assignedIssues/ },
    ],
    shown: ['MAI-95 Subscribe to the news', 'Feature', 'In Review'],
  },
  {
    ...{ gadget: 'openproject-work-packages', role: 'openproject' },
    requests: [
      {
        request: 'packages',
        asked:
          /^GET \/work_packages\?filters=%5B%7B%22status%22%3A%7B%22operator%22%3A%22o%22.*%22me%22%5D%7D%7D%5D&sortBy=%5B%5B%22updatedAt%22%2C%22desc%22%5D%5D&pageSize=20$/,
      },
    ],
    shown: ['#195 Subscribe to the news', 'In progress', 'Due Tue 1 Dec'],
  },
  {
    ...{ gadget: 'notion-pages', role: 'notion', parameters: { words: 'meeting' } },
    requests: [
      {
        request: 'pages',
        asked:
          /^POST \/v1\/search \{"query":"meeting","filter":\{"property":"object","value":"page"\},"sort":\{"timestamp":"last_edited_time","direction":"descending"\},"page_size":20\}$/,
      },
    ],
    shown: ['📝 Notes of the weekly meeting', '🚀 How we release', '(no title)'],
  },
  {
    ...{ gadget: 'azure-devops-pull-requests', role: 'azure-devops' },
    parameters: { organization: 'acme', project: 'Mail and calendar' },
    requests: [
      { request: 'me', asked: /^GET \/acme\/_apis\/connectionData\?api-version=7\.1-preview\.1$/ },
      {
        request: 'reviews',
        asked:
          /^GET \/acme\/Mail%20and%20calendar\/_apis\/git\/pullrequests\?searchCriteria\.status=active&searchCriteria\.reviewerId=d6245f20-2af8-44f4-9451-8107cb2767db&/,
      },
      {
        request: 'mine',
        asked: /\/_apis\/git\/pullrequests\?searchCriteria\.status=active&searchCriteria\.creatorId=d6/,
      },
    ],
    shown: ['To review 2 AA !412 Keep drafts', 'Mine 1 CC !415 Upgrade'],
  },
  {
    ...{ gadget: 'nextcloud-notifications', role: 'nextcloud', within: 'ocs.data' },
    requests: [
      {
        request: 'notifications',
        asked: /^GET \/ocs\/v2\.php\/apps\/notifications\/api\/v2\/notifications\?format=json$/,
      },
    ],
    shown: ['Bob Baker mentioned you in Release Talk', 'with you Files', 'Today at 14:00, Room 4.12'],
  },
  {
    ...{ gadget: 'zendesk-tickets', role: 'zendesk' },
    requests: [
      {
        request: 'tickets',
        asked:
          /^GET \/search\.json\?query=type%3Aticket\+status%3Csolved\+assignee%3Ame&sort_by=updated_at&sort_order=desc&include=tickets%28users%29&per_page=20$/,
      },
    ],
    shown: [
      'Waiting for you 3 #35438 No one here can sign in',
      'Urgent #35441',
      'Mira Novak',
      'Waiting for others 2',
    ],
  },
  {
    ...{ gadget: 'jenkins-failing-builds', role: 'jenkins', parameters: { view: 'The mail team' } },
    requests: [
      {
        request: 'jobs',
        asked:
          /^GET \/view\/The%20mail%20team\/api\/json\?tree=jobs%5BfullDisplayName%2Curl.*culprits%5Bid%2CfullName%5D/,
      },
    ],
    shown: ['With your changes 2 mail » web » main Building', 'for 3 builds', 'Others 2 deploy to staging'],
  },
  {
    ...{ gadget: 'grafana-alerts', role: 'grafana', parameters: { filter: 'team="mail"' } },
    requests: [
      {
        request: 'alerts',
        asked:
          /^GET \/alertmanager\/grafana\/api\/v2\/alerts\?active=true&silenced=false&inhibited=false&filter=team%3D%22mail%22$/,
      },
    ],
    shown: ['QueueStuck team=mail Mail', '12,400 messages have waited', 'critical DiskFills'],
  },
  {
    ...{ gadget: 'x-mentions', role: 'x' },
    requests: [
      {
        request: 'mentions',
        asked:
          /^GET \/users\/ann\/mentions\?tweet\.fields=author_id%2Ccreated_at%2Cpublic_metrics&expansions=author_id&user\.fields=name%2Cusername%2Cprofile_image_url&max_results=10$/,
      },
    ],
    shown: ['Mira Novak @mira_novak', '2 replies', 'Finally! <3'],
  },
];

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

const sampleOf = ({ gadget, sample = 'sample' }: Tried) =>
  JSON.parse(readFileSync(`gadgets/${gadget}/${sample}.json`, 'utf8')) as {
    readonly answers: Readonly<Record<string, { readonly data: unknown }>>;
  };

const unasked: string[] = [];
let setup: Awaited<ReturnType<typeof setUpOthers>>;

beforeAll(async () => {
  // All of them in one; each shows what is Ann's to Ann alone.
  const server = await stubServer(async (request, response) => {
    const body = await bodyOf(request);
    const [, place = '', rest = ''] = /^\/(\d+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const tried = TRIED[Number(place)];
    const said = `${request.method} ${rest}${body === '' ? '' : ` ${body}`}`;
    const found = tried?.requests.find(({ asked }) => asked.test(said));
    const isHers = request.headers.authorization?.includes('ann') ?? false;
    if (found === undefined) unasked.push(said);
    if (tried === undefined || found === undefined || !isHers) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const data = sampleOf(tried).answers[found.request]?.data;
    const path = rest === '/graphql' ? 'data' : tried.within;
    const whole =
      path === undefined ? data : path.split('.').reduceRight((inner, key) => ({ [key]: inner }), data);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
  });
  const played = TRIED.map(
    ({ edition, facts }, index): Played => ({
      ...{ id: `played-${index}`, name: `Played ${index}`, url: `${server.origin}/${index}` },
      ...(edition !== undefined && { edition }),
      ...(facts !== undefined && { facts }),
      client: { connect: async (login) => ({ access_token: login, expires_in: 3600, refresh_token: '' }) },
      application: { close: async () => {} },
    }),
  );
  const { close, ...rest } = await setUpOthers(played);
  setup = {
    ...rest,
    close: async () => {
      await close();
      await server.close();
    },
  };
});

afterAll(() => setup.close());

describe.each(
  TRIED.map(
    (each, index) => [`${each.gadget}${each.edition ? `, ${each.edition}` : ''}`, each, index] as const,
  ),
)('%s', (_, { gadget, role, parameters = {}, shown }, index) => {
  const show = (login: string) => setup.show(login, gadget, parameters, { [role]: `played-${index}` });

  it('asks for what is the viewer’s, and shows it to them', async () => {
    const { state, text } = await show('ann');
    expect(unasked).toEqual([]);
    expect(state).toBe('content');
    for (const each of shown) expect(text).toContain(each);
  });

  it('shows no one what the application does not show them', async () => {
    const { state, text } = await show('bob');
    expect(state).toBe('not-found');
    for (const each of shown) expect(text).not.toContain(each);
  });
});
