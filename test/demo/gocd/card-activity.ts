import type { Person } from '../people.js';
import { type Html, html, type Piece } from '../site/html.js';
import type { MakeHostToken, OrielSettings } from './oriel-tokens.js';

/** A gadget on a page: which, its name for people, and its parameters. */
export interface FramedGadget {
  readonly gadget: string;
  readonly title: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The ordinary way: the host element and its script; the script asks `/go/oriel-token` who is looking. */
export const gadgetElement = (oriel: OrielSettings, framed: FramedGadget, signIn: string): Html => html`
<oriel-gadget host="${oriel.host ?? 'gocd'}" gadget="${framed.gadget}" token-url="/go/oriel-token" title="${framed.title}"${attributes(framed)}>
  <a slot="signed-out" href="${signIn}">Sign in to GoCD</a>
</oriel-gadget>
<script src="${oriel.gadgetOrigin}/embed.js" async></script>`;

const attributes = ({ parameters }: FramedGadget): Piece =>
  Object.entries(parameters).map(([name, value]) => html` ${name}="${value}"`);

const buttonLifetime = 120;

/** The way without script: a form that launches the gadget into the iframe when the person presses its button. */
export const gadgetForm = (
  oriel: OrielSettings,
  framed: FramedGadget,
  person: Person,
  makeToken: MakeHostToken,
): Html => html`
<form class="launch" action="${oriel.gadgetOrigin}/h/${oriel.host ?? 'gocd'}/g/${framed.gadget}" method="post" target="oriel">
  <input type="hidden" name="token" value="${makeToken(person, framed.gadget, buttonLifetime)}">
  ${Object.entries(framed.parameters).map(([name, value]) => html`<input type="hidden" name="p.${name}" value="${value}">`)}
  <button class="primary">Show ${framed.title.toLowerCase()}</button>
  <small>Without script this button works once, within two minutes; reload the page for another.</small>
</form>
<iframe name="oriel" title="${framed.title}"></iframe>`;
