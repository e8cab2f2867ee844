import { issueTicket } from '../../../src/connect/viewers-connections.js';
import type { Viewer } from '../../../src/domain/viewer.js';
import type { HttpBrowser } from '../../support/http-viewer.js';
import type { SiteApp } from './site-app.js';

/** Opens My connections in a browser, as the gadget of this viewer does, on a page at `origin`. */
export const visit = async (
  site: Pick<SiteApp, 'ports' | 'siteOrigin'>,
  browser: HttpBrowser,
  viewer: Viewer,
  origin?: string,
): Promise<void> => {
  const { ticket } = await issueTicket(
    site.ports,
    viewer,
    viewer.sub,
    origin === undefined ? {} : { origin },
  );
  const url = `${site.siteOrigin}/connections/open`;
  const answer = await browser.send(url, { origin: site.siteOrigin, json: { ticket: ticket.reveal() } });
  if (answer.status !== 200) throw new Error(`not opened: ${answer.status} ${answer.text}`);
};
