/*
 * Looks at each page that the test of a gadget serves, in a document of its own, and reports what axe-core finds.
 */

interface Axe {
  run(
    within: Document,
    options: object,
  ): Promise<{
    readonly violations: readonly {
      readonly id: string;
      readonly help: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
  }>;
}

interface Job {
  readonly page: number;
  readonly theme: string;
  readonly width: number;
}

const OPTIONS = { iframes: false, preload: false, resultTypes: ['violations'] };
const LONGEST = 300;
const HEIGHT = 900;

const opened = (job: Job): Promise<HTMLIFrameElement> =>
  new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.title = 'gadget';
    frame.width = String(job.width);
    frame.height = String(HEIGHT);
    frame.addEventListener('load', () => resolve(frame));
    frame.src = `/page/${job.page}/${job.theme}`;
    document.body.append(frame);
  });

const look = async (job: Job, index: number): Promise<readonly object[]> => {
  const frame = await opened(job);
  const { axe } = frame.contentWindow as unknown as { readonly axe: Axe };
  const { violations } = await axe.run(frame.contentDocument as Document, OPTIONS);
  frame.remove();
  return violations.map(({ id, help, nodes }) => ({
    ...{ job: index, rule: id, help },
    html: nodes[0]?.html.slice(0, LONGEST) ?? '',
  }));
};

const lookAtAll = async (): Promise<void> => {
  const jobs = (await (await fetch('/jobs')).json()) as readonly Job[];
  const found: object[] = [];
  for (const [index, job] of jobs.entries()) found.push(...(await look(job, index)));
  await fetch('/found', { method: 'POST', body: JSON.stringify(found) });
};

void lookAtAll();
