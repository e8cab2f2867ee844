import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUpGocd } from './mingle-setup.js';

let setup: Awaited<ReturnType<typeof setUpGocd>>;
let legacy: Awaited<ReturnType<typeof setUpGocd>>;

beforeAll(async () => {
  [setup, legacy] = [await setUpGocd(), await setUpGocd('legacy')];
});

afterAll(async () => {
  await setup.close();
  await legacy.close();
});

describe('pipelines, with GoCD itself', () => {
  it('are those that GoCD shows to each person, and no others', async () => {
    const [hers, his] = [
      await setup.show('ann', 'gocd-pipelines', {}),
      await setup.show('bob', 'gocd-pipelines', {}),
    ];
    expect([hers.state, his.state]).toEqual(['content', 'content']);
    expect(hers.text).toMatch(/failed apollo-deploy .*Broken by Ada Admin, Ann Kowalski/);
    expect(his.text).toContain('apollo-web');
    expect(his.html).not.toContain('apollo-deploy');
    expect(`${hers.html}${his.html}`).not.toContain('cassini');
    expect(his.text).toContain('Paused by admin: The agents move to another rack until Monday');
    expect(his.html).toContain(`href="${setup.gocd.url}/pipelines/apollo-web/24/package/1"`);
  });
});

describe('pipeline activity, with GoCD itself', () => {
  it('shows runs with durations and changes', async () => {
    const { state, html, text } = await setup.show('bob', 'gocd-pipeline-activity', {
      pipeline: 'apollo-web',
    });
    expect(state).toBe('content');
    expect(text).toMatch(/building Run 24 .*#37 Dark colours, first half Ann Kowalski/);
    expect(html.match(/class="oriel-bar"/g)).toHaveLength(6);
    expect(text).toMatch(/passed 23 \d+m/);
  });

  it('shows a person nothing of a pipeline that GoCD does not show them', async () => {
    const his = await setup.show('bob', 'gocd-pipeline-activity', { pipeline: 'apollo-deploy' });
    expect(his.state).toBe('no-access');
    expect(his.html).not.toContain('Run 8');
    expect((await setup.show('bob', 'gocd-pipeline-activity', { pipeline: 'nowhere' })).state).toBe(
      'not-found',
    );
  });
});

describe('a GoCD whose record says that it is a legacy one', () => {
  it('is asked for its trays alone, and shows each person the stages of their pipelines', async () => {
    const [hers, his] = [
      await legacy.show('ann', 'gocd-pipelines', {}),
      await legacy.show('bob', 'gocd-pipelines', { groups: 'apollo' }),
    ];
    expect([hers.state, his.state]).toEqual(['content', 'content']);
    expect(hers.text).toMatch(
      /failed apollo-deploy Run 8 .*production: failed Broken by Ada Admin, Ann Kowalski/,
    );
    expect(hers.text).not.toContain('linux');
    expect(his.text).toMatch(/building apollo-web .*package: building/);
    expect(his.text).toContain('doesn’t say which group a pipeline belongs to');
    expect(his.html).not.toContain('apollo-deploy');
    expect(`${hers.html}${his.html}`).not.toContain('cassini');
    expect(his.html).toContain(`href="${legacy.gocd.url}/pipelines/apollo-web/24/package/1"`);
  });

  it('shows the latest result of each stage of one pipeline', async () => {
    const shown = await legacy.show('ann', 'gocd-pipeline-activity', { pipeline: 'apollo-deploy' });
    expect(shown.text).toMatch(/failed production Run 8 .*Broken by Ada Admin, Ann Kowalski/);
    expect(shown.text).toContain('without history and changes');
    const his = await legacy.show('bob', 'gocd-pipeline-activity', { pipeline: 'apollo-deploy' });
    expect(his.text).toContain('There is no pipeline apollo-deploy here that you may see');
    expect(his.html).not.toContain('production');
  });
});
