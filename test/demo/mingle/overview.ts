import { embedScript, gadgetElement } from '../host/framed-gadgets.js';
import type { OrielHost } from '../host/oriel-host.js';
import { type Html, html } from '../site/html.js';
import type { Project } from './model.js';

/** The gadgets that a project's overview frames. */
export const overviewGadgets: readonly string[] = ['gocd-pipelines', 'gocd-pipeline-activity'];

/** A project's first page: how its pipelines are doing in GoCD, for the person who looks. */
export const projectOverview = (host: OrielHost, project: Project, back: string): Html => {
  const { group, pipeline } = project.builds;
  const pipelines = { gadget: 'gocd-pipelines', title: 'Pipelines', parameters: { groups: group } };
  const activity = { gadget: 'gocd-pipeline-activity', title: 'Pipeline activity', parameters: { pipeline } };
  return html`
<div class="overview">
  <section class="box"><h2>Pipelines of ${project.name}</h2>${gadgetElement(host, pipelines, back)}</section>
  <section class="box"><h2>Latest runs of ${pipeline}</h2>${gadgetElement(host, activity, back)}</section>
</div>
${embedScript(host)}`;
};
