import type { Person } from '../people.js';
import { type Html, html, type Piece } from '../site/html.js';
import type { OrielHost } from './oriel-host.js';

/** A gadget on a page: which, its name for people, and its parameters. */
export interface FramedGadget {
  readonly gadget: string;
  readonly title: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The ordinary way: the host element, whose script asks the host's own server who is looking. `back` is the page it stands on. */
export const gadgetElement = (host: OrielHost, framed: FramedGadget, back: string): Html => html`
<oriel-gadget host="${host.id}" gadget="${framed.gadget}" token-url="${host.tokenUrl}" title="${framed.title}"${attributes(framed)}>
  <a slot="signed-out" href="${host.signInPath}?return=${encodeURIComponent(back)}">Sign in to ${host.application}</a>
</oriel-gadget>`;

/** The element's script, once on each page that frames gadgets. */
export const embedScript = ({ gadgetOrigin }: OrielHost): Html =>
  html`<script src="${gadgetOrigin}/embed.js" async></script>`;

const attributes = ({ parameters }: FramedGadget): Piece =>
  Object.entries(parameters).map(([name, value]) => html` ${name}="${value}"`);

const buttonLifetime = 120;

/** The way without script: a form that launches the gadget into the iframe when the person presses its button. */
export const gadgetForm = (host: OrielHost, framed: FramedGadget, person: Person): Html => html`
<form class="launch" action="${host.gadgetOrigin}/h/${host.id}/g/${framed.gadget}" method="post" target="oriel">
  <input type="hidden" name="token" value="${host.makeToken(person, framed.gadget, buttonLifetime)}">
  ${Object.entries(framed.parameters).map(([name, value]) => html`<input type="hidden" name="p.${name}" value="${value}">`)}
  <button class="primary">Show ${framed.title.toLowerCase()}</button>
  <small>Without script this button works once, within two minutes; reload the page for another.</small>
</form>
<iframe name="oriel" title="${framed.title}"></iframe>`;
