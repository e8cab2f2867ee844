import { personByLogin } from '../people.js';
import { type Html, xml } from '../site/html.js';
import { time } from './card-xml.js';
import type { Change, Project, ProjectEvent } from './model.js';

export const entriesPerPage = 25;

const mingle = 'http://www.thoughtworks-studios.com/ns/mingle';
const vendorType = 'application/vnd.mingle+xml';

/** Absolute addresses that a feed needs: of the application and of its API. */
export interface Addresses {
  readonly site: string;
  readonly api: string;
}

interface Twin {
  readonly rel: 'event-source' | 'version' | 'related';
  readonly path: string;
  readonly query: string;
  readonly title: string;
}

/** Each thing has an XML and an HTML address. */
const twins = (to: Addresses, { rel, path, query, title }: Twin): Html => xml`
    <link href="${to.api}${path}.xml${query}" rel="${mingle}#${rel}" type="${vendorType}" title="${title}"/>
    <link href="${to.site}${path}${query}" rel="${mingle}#${rel}" type="text/html" title="${title}"/>`;

const links = (to: Addresses, project: Project, { source }: ProjectEvent): readonly Html[] => {
  const base = `/projects/${project.identifier}`;
  if (source.kind === 'revision') {
    const path = `${base}/revisions/${source.revision}`;
    return [
      twins(to, { rel: 'event-source', path, query: '', title: `Revision ${source.revision}` }),
      ...source.cards.map((number) =>
        twins(to, { rel: 'related', path: `${base}/cards/${number}`, query: '', title: `Card #${number}` }),
      ),
    ];
  }
  const path = `${base}/cards/${source.number}`;
  const title = `${source.type} #${source.number}`;
  const version = { query: `?version=${source.version}`, title: `${title} (v${source.version})` };
  return [
    twins(to, { rel: 'event-source', path, query: '', title }),
    twins(to, { rel: 'version', path, ...version }),
  ];
};

const categories = ({ source, changes }: ProjectEvent): readonly string[] =>
  source.kind === 'revision'
    ? ['revision', 'revision-commit']
    : ['card', ...new Set(changes.map((change) => change.type))];

const valueXml = (element: 'old_value' | 'new_value', value: string | null): Html =>
  value === null ? xml`<${element} nil="true"/>` : xml`<${element}>${value}</${element}>`;

const changeXml = (to: Addresses, project: Project, change: Change): Html => {
  if (!('to' in change)) return xml`<change type="${change.type}"/>`;
  const values = [valueXml('old_value', change.from), valueXml('new_value', change.to)];
  if (change.type !== 'property-change') return xml`<change type="${change.type}">${values}</change>`;
  const definition = project.properties.find(({ name }) => name === change.property);
  return xml`<change type="property-change">
        <property_definition url="${to.api}/projects/${project.identifier}/property_definitions.xml">
          <name>${change.property}</name><position nil="true"/>
          <data_type>${definition?.kind === 'user' ? 'user' : 'string'}</data_type>
          <is_numeric type="boolean">${String(definition?.kind === 'number')}</is_numeric>
        </property_definition>
        ${values}
      </change>`;
};

const changesXml = (to: Addresses, project: Project, event: ProjectEvent): Html =>
  event.source.kind === 'revision'
    ? xml`<change type="revision-commit"><revision>${event.source.revision}</revision></change>`
    : xml`${event.changes.map((change) => changeXml(to, project, change))}`;

const entryXml = (to: Addresses, project: Project, event: ProjectEvent): Html => {
  const author = personByLogin(event.by);
  return xml`
  <entry>
    <id>${to.site}/projects/${project.identifier}/events/index/${event.id}</id>
    <title>${event.title}</title>
    <updated>${time(event.at)}</updated>
    <author><name>${author?.name ?? event.by}</name><email>${author?.email}</email><uri>${to.api}/users/${event.by}.xml</uri></author>${links(to, project, event)}
    ${categories(event).map((term) => xml`<category term="${term}" scheme="${mingle}#categories"/>`)}
    <content type="${vendorType}">
      <changes xmlns="${mingle}" mingle_timestamp="${time(event.at).replace('T', ' ').replace('Z', '.0')}">${changesXml(to, project, event)}</changes>
    </content>
  </entry>`;
};

/**
 * One page of a project's events as Atom. Page 1 is the oldest and no page the newest; `next` leads to what is older.
 * Null for a page that does not exist.
 */
export const eventsFeed = (to: Addresses, project: Project, page: number | null): Html | null => {
  const pages = Math.max(1, Math.ceil(project.events.length / entriesPerPage));
  const shown = page ?? pages;
  if (!Number.isInteger(shown) || shown < 1 || shown > pages) return null;
  const address = `${to.api}/projects/${project.identifier}/feeds/events.xml`;
  const events = project.events.slice((shown - 1) * entriesPerPage, shown * entriesPerPage).toReversed();
  return xml`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:mingle="${mingle}">
  <title>Mingle Events: ${project.name}</title>
  <id>${address}</id>
  <link href="${address}" rel="current"/>
  <link href="${page === null ? address : `${address}?page=${shown}`}" rel="self"/>
  ${shown > 1 && xml`<link href="${address}?page=${shown - 1}" rel="next"/>`}
  ${shown < pages && xml`<link href="${address}?page=${shown + 1}" rel="previous"/>`}
  <updated>${time(events[0]?.at ?? 0)}</updated>${events.map((event) => entryXml(to, project, event))}
</feed>`;
};
