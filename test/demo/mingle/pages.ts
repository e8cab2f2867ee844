import type { Router } from '@koa/router';
import type { OrielHost } from '../host/oriel-host.js';
import { type Person, people, personByLogin } from '../people.js';
import type { Form } from '../site/forms.js';
import { type Html, html } from '../site/html.js';
import type { Sessions } from '../site/sessions.js';
import { requirePerson } from '../site/sign-in.js';
import { field, type Handler, type ShowPage, type Web, type WebState } from '../site/web.js';
import { refusalSentence } from './answers.js';
import { time } from './card-xml.js';
import { signInPath } from './layout.js';
import {
  type Card,
  type Change,
  cardByNumber,
  type Project,
  type ProjectEvent,
  type PropertyDefinition,
} from './model.js';
import { projectOverview } from './overview.js';
import { mayRead, type Projects } from './projects.js';

export interface PagesOptions {
  readonly projects: Projects;
  readonly sessions: Sessions;
  readonly form: Form;
  readonly show: ShowPage;
  readonly checkForms: Handler;
  /** How it frames gadgets; null for a Mingle that knows no Oriel. */
  readonly host: OrielHost | null;
}

const shown = (value: string | null | undefined): string =>
  personByLogin(value ?? '')?.name ?? value ?? '(not set)';

/** The pages of a project, as links. */
const projectTabs = (ctx: Web, project: Project): Html => html`
<nav class="tabs" aria-label="Project">${['overview', 'cards'].map((page) => {
  const path = `/projects/${project.identifier}/${page}`;
  return html`<a href="${path}" ${ctx.path === path && html`aria-current="page"`}>${page === 'cards' ? 'Cards' : 'Overview'}</a>`;
})}</nav>`;

const cardList = (project: Project): Html => html`
<p>${project.description}. ${project.cards.length} cards.</p>
<div class="table" role="region" aria-label="Cards" tabindex="0"><table>
  <thead><tr><th>#</th><th>Name</th><th>Type</th>${project.properties.map(({ name }) => html`<th>${name}</th>`)}</tr></thead>
  <tbody>${project.cards.toReversed().map(
    (card) => html`
    <tr><td>${card.number}</td>
    <th scope="row"><a href="/projects/${project.identifier}/cards/${card.number}"><bdi>${card.name}</bdi></a></th>
    <td><span class="type ${card.type.toLowerCase()}">${card.type}</span></td>
    ${project.properties.map(({ name }) => html`<td>${shown(card.properties[name])}</td>`)}</tr>`,
  )}</tbody>
</table></div>`;

const propertyInput = (project: Project, card: Card, definition: PropertyDefinition): Html => {
  const current = card.properties[definition.name] ?? '';
  const team = people.filter((person) => mayRead(project, person));
  const choices =
    definition.kind === 'user'
      ? team.map(({ login, name }) => [login, name] as const)
      : definition.values.map((value) => [value, value] as const);
  return html`<label>${definition.name} <select name="properties[${definition.name}]">
    <option value="">(not set)</option>
    ${choices.map(([value, label]) => html`<option value="${value}" ${value === current && html`selected`}>${label}</option>`)}
  </select></label>`;
};

const changeWords = (change: Change): string =>
  change.type === 'property-change'
    ? `${change.property}: ${shown(change.from)} → ${shown(change.to)}`
    : change.type.replaceAll('-', ' ');

const historyItem = (event: ProjectEvent): Html => {
  const at = time(event.at);
  return html`<li><time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>
  <span>${shown(event.by)}: <em>${event.changes.map(changeWords).join(', ')}</em></span></li>`;
};

const cardPage = (options: PagesOptions, ctx: Web, project: Project, card: Card): Html => {
  const events = project.events
    .filter(({ source }) => source.kind === 'card' && source.number === card.number)
    .toReversed();
  return html`
<p class="crumbs"><a href="/projects/${project.identifier}/cards">${project.name}</a> <span aria-hidden="true">›</span>
<span class="type ${card.type.toLowerCase()}">${card.type}</span> #${card.number}, version ${card.version}</p>
<div class="card-page">
  <div><p>${card.description}</p>
    <h2>History</h2>
    <ol class="history">${events.map(historyItem)}</ol></div>
  ${options.form(
    ctx,
    { action: `/projects/${project.identifier}/cards/${card.number}`, className: 'stacked box properties' },
    html`<h2>Properties</h2>${project.properties.map((definition) => propertyInput(project, card, definition))}
    <button class="primary">Save</button>`,
  )}
</div>`;
};

/** What the form sends, kept to what the project allows. */
const editOf = (project: Project, form: URLSearchParams): Record<string, string | null> =>
  Object.fromEntries(
    project.properties.flatMap(({ name, kind, values }) => {
      const key = `properties[${name}]`;
      const value = field(form, key);
      const allowed =
        value === '' || (kind === 'user' ? personByLogin(value) !== null : values.includes(value));
      return form.has(key) && allowed ? [[name, value || null]] : [];
    }),
  );

/** The pages that people read: projects, cards, one card. */
export const addPages = (router: Router<WebState>, options: PagesOptions): void => {
  const { projects, show } = options;
  const signedIn = requirePerson(signInPath);
  const refuse = (ctx: Web, status: 403 | 404): void =>
    show(ctx, { status, title: 'No access', content: html`<p>${refusalSentence}.</p>` });
  const inProject =
    (answer: (ctx: Web, project: Project, person: Person) => void): Handler =>
    (ctx) => {
      const project = projects.byIdentifier(ctx.params.project ?? '');
      const { person } = ctx.state;
      if (!project || !person) return refuse(ctx, 404);
      if (!mayRead(project, person)) return refuse(ctx, 403);
      answer(ctx, project, person);
    };

  router.get('/', (ctx: Web) => ctx.redirect('/projects'));
  router.get('/projects', signedIn, (ctx: Web) => {
    const own = projects.all().filter((project) => ctx.state.person && mayRead(project, ctx.state.person));
    const content = html`<ul class="tiles">${own.map(
      (project) => html`<li><a href="/projects/${project.identifier}"><strong>${project.name}</strong>
      <span>${project.description}</span><small>${project.cards.length} cards</small></a></li>`,
    )}</ul>`;
    show(ctx, { title: 'Projects', content });
  });
  const { host } = options;
  const first = host ? 'overview' : 'cards';
  router.get('/projects/:project', (ctx: Web) =>
    ctx.redirect(`/projects/${encodeURIComponent(ctx.params.project ?? '')}/${first}`),
  );
  if (host) {
    router.get(
      '/projects/:project/overview',
      signedIn,
      inProject((ctx, project) => {
        const content = html`${projectTabs(ctx, project)}${projectOverview(host, project, ctx.url)}`;
        show(ctx, { title: project.name, content, frames: host.gadgetOrigin });
      }),
    );
  }
  router.get(
    '/projects/:project/cards',
    signedIn,
    inProject((ctx, project) => {
      const content = html`${host && projectTabs(ctx, project)}${cardList(project)}`;
      show(ctx, { title: project.name, content });
    }),
  );
  router.get(
    '/projects/:project/cards/:number',
    signedIn,
    inProject((ctx, project) => {
      const card = cardByNumber(project, Number(ctx.params.number));
      if (!card) return refuse(ctx, 404);
      show(ctx, { title: card.name, content: cardPage(options, ctx, project, card) });
    }),
  );
  router.post(
    '/projects/:project/cards/:number',
    signedIn,
    options.checkForms,
    inProject((ctx, project, person) => {
      const card = cardByNumber(project, Number(ctx.params.number));
      if (!card) return refuse(ctx, 404);
      projects.change(project, card, person.login, { properties: editOf(project, ctx.state.form) });
      options.sessions.open(ctx).notice = 'Card was successfully updated.';
      ctx.redirect(`/projects/${project.identifier}/cards/${card.number}`);
    }),
  );
};
