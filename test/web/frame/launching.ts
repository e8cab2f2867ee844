import type { GadgetServer } from '../../support/gadget-server.js';
import { signHostToken } from '../../support/host-token.js';
import { type Answer, HttpBrowser } from '../../support/http-viewer.js';

/** What a launch page passes to its script. */
export interface FrameData {
  readonly bearer: string;
  readonly state: string;
  readonly skeleton: boolean;
  readonly etag: string | null;
  readonly again: string;
  readonly hostOrigins: readonly string[];
  readonly locale: string;
  readonly requestId: string;
  readonly expiresIn: number;
  readonly standing: string;
}

/** The data block of a launch page; throws when the answer is none. */
export const frameDataOf = (answer: Answer): FrameData => {
  const block = /<script type="application\/json" id="oriel-frame">(.*?)<\/script>/s.exec(answer.text)?.[1];
  if (block === undefined)
    throw new Error(`no launch page, but ${answer.status}: ${answer.text.slice(0, 400)}`);
  return JSON.parse(block) as FrameData;
};

/** Requests to a gadget server as hosts' pages and frames send them. */
export const launcher = (server: GadgetServer) => {
  const browser = new HttpBrowser();
  const path = `${server.gadgetOrigin}/h/gocd/g/example`;
  const token = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    signHostToken({ aud: server.gadgetOrigin, ...claims });
  const launch = (
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
    url = path,
  ): Promise<Answer> => browser.send(url, { method: 'POST', form, headers });
  return {
    path,
    token,
    launch,
    /** A launch that is not refused. */
    async opened(
      claims: Readonly<Record<string, unknown>> = {},
      fields: Readonly<Record<string, string>> = {},
    ) {
      return frameDataOf(await launch({ token: await token(claims), ...fields }));
    },
    get: (url: string, headers: Readonly<Record<string, string>> = {}) => browser.send(url, { headers }),
    /** A frame's own request. */
    api: (
      bearer: string | null,
      route: string,
      options: { json?: unknown; headers?: Readonly<Record<string, string>>; origin?: string } = {},
    ): Promise<Answer> =>
      browser.send(`${server.gadgetOrigin}${route}`, {
        ...(options.json === undefined
          ? {}
          : { json: options.json, origin: options.origin ?? server.gadgetOrigin }),
        headers: {
          accept: '*/*',
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...options.headers,
        },
      }),
  };
};
