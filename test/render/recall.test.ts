import { beforeEach, describe, expect, it } from 'vitest';
import { findRendering, recallRendering, renderGadget } from '../../src/render/render-gadget.js';
import { readStanding, recallStanding } from '../../src/render/usable-connections.js';
import { gadget, request } from '../support/a-gadget.js';
import { gocd } from './a-host.js';
import { ann, bob, question, setUpRender, textOf } from './render-setup.js';

const asked = question(gadget({ requests: [request('cards')] }));

/** What is answered without waiting is what would be answered by looking it up. */
describe('what memory knows of a frame', () => {
  let fixture: ReturnType<typeof setUpRender>;
  let ports: ReturnType<typeof setUpRender>['ports'];
  beforeEach(async () => {
    fixture = setUpRender();
    ports = {
      ...fixture.ports,
      connections: {
        ...fixture.ports.connections,
        recall: (viewer, provider) => fixture.setup.find(viewer, provider) ?? undefined,
      },
    };
    fixture.connect(ann, 'mingle');
    fixture.setup.answer = ({ connection }) => fixture.data(`private to ${connection.viewer.sub}`);
    await renderGadget(ports, asked);
  });

  it('is the rendering that was made for this viewer, and what it stands on', async () => {
    const recalled = recallRendering(ports, asked);
    expect(recalled && textOf(recalled.rendered)).toContain('private to ann');
    expect(recalled?.standing).toBe(await readStanding(ports, asked));
    expect(recalled?.standing).toBe(recallStanding(ports, asked));
    expect(recalled?.rendered).toBe(await findRendering(ports, asked));
  });

  it('is nothing of another viewer, whether they are connected or not', () => {
    const other = question(asked.gadget, { viewer: bob });
    expect(recallRendering(ports, other)).toBeUndefined();
    fixture.connect(bob, 'mingle');
    expect(recallRendering(ports, other)).toBeUndefined();
    expect(recallStanding(ports, other)).not.toBe(recallStanding(ports, asked));
  });

  it.each([
    ['has ended', { status: 'revoking' }],
    ['must be made again', { status: 'reconnect', reason: 'revoked' }],
    ['was made again', { generation: 2 }],
  ] as const)('is no rendering of a Connection that %s', async (_, change) => {
    const before = recallStanding(ports, asked);
    fixture.connect(ann, 'mingle', change);
    expect(recallRendering(ports, asked)).toBeUndefined();
    expect(recallStanding(ports, asked)).not.toBe(before);
    expect(recallStanding(ports, asked)).toBe(await readStanding(ports, asked));
  });

  it('is nothing once the host may not use the provider, or is gone', async () => {
    fixture.hosts.set('gocd', { ...gocd, providers: ['gocd'] });
    expect(recallRendering(ports, asked)).toBeUndefined();
    expect(recallStanding(ports, asked)).toBe(await readStanding(ports, asked));
    fixture.hosts.clear();
    expect(recallRendering(ports, asked)).toBeUndefined();
    expect(recallStanding(ports, asked)).toBe('0');
  });

  it('returns nothing once the provider’s record points elsewhere', () => {
    const mingle = fixture.providers.get('mingle');
    if (mingle !== undefined) fixture.providers.set('mingle', { ...mingle, api: 'https://moved.example' });
    expect(recallRendering(ports, asked)).toBeUndefined();
  });

  it('is nothing where a Connection would have to be read, or the time is over', () => {
    fixture.advance(31_000);
    expect(recallRendering(ports, asked)).toBeUndefined();
    fixture.disconnect(ann, 'mingle');
    expect(recallRendering(ports, asked)).toBeUndefined();
    expect(recallStanding(ports, asked)).toBeUndefined();
  });
});
