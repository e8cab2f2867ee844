import { type Html, xml } from '../site/html.js';
import { sendRevalidated } from '../site/revalidation.js';
import type { Web } from '../site/web.js';

const accessSentence =
  'Either the resource you requested does not exist or you do not have access rights to that resource';

/** Answers with XML, or Atom, that a client may revalidate. */
export const sendXml = (ctx: Web, content: Html, type = 'application/xml'): void =>
  sendRevalidated(ctx, type, `<?xml version="1.0" encoding="UTF-8"?>\n${content}`);

/** Mingle's errors: a status and sentences in XML. */
export const sendErrors = (ctx: Web, status: number, ...sentences: readonly string[]): void => {
  ctx.status = status;
  ctx.type = 'application/xml; charset=utf-8';
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml`<errors>${sentences.map(
    (sentence) => xml`<error>${sentence}</error>`,
  )}</errors>`}`;
};

/** 404 where there is no such thing, 403 where there is and the person may not see it; the sentence is the same. */
export const refuseAccess = (ctx: Web, status: 403 | 404): void => sendErrors(ctx, status, accessSentence);

export const refusalSentence = accessSentence;
