import { attribute } from './literals.js';
import { TOKEN_PATH } from './snippet-facts.js';

/** What a host's page is made with. `parameters` are texts, as the page's attributes give them. */
export interface PageFacts {
  readonly host: string;
  readonly gadget: string;
  readonly title: string;
  readonly gadgetOrigin: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** The script and the element. With `doctor` the element examines the page around it. */
export const elementSnippet = (facts: PageFacts, doctor = false): string => {
  const attributes = [
    ['host', facts.host],
    ['gadget', facts.gadget],
    ['token-url', TOKEN_PATH],
    ['title', facts.title],
    ...facts.parameters,
  ].map(([name, value = '']) => `${name}=${attribute(value)}`);
  return `<script src=${attribute(`${facts.gadgetOrigin}/embed.js`)} async></script>
<oriel-gadget${doctor ? ' doctor' : ''} ${attributes.join('\n              ')}>
  <a slot="signed-out" href="/login">Sign in to see this</a>
</oriel-gadget>
`;
};

/** A form and a frame, for a page without script; the host's server writes a fresh token into each page. */
export const formSnippet = ({ host, gadget, title, gadgetOrigin, parameters }: PageFacts): string => {
  const action = `${gadgetOrigin}/h/${encodeURIComponent(host)}/g/${encodeURIComponent(gadget)}`;
  const fields = parameters.map(
    ([name, value]) => `  <input type="hidden" name=${attribute(`p.${name}`)} value=${attribute(value)}>\n`,
  );
  return `<form action=${attribute(action)} method="post" target="oriel">
  <input type="hidden" name="token" value="a token made for this page view">
${fields.join('')}  <button>${attribute(`Show ${title}`).slice(1, -1)}</button>
</form>
<iframe name="oriel" title=${attribute(title)} width="100%" height="400"></iframe>
`;
};
