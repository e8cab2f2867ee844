import { InvalidRecord } from '../../domain/invalid-record.js';
import type { AdminRoute, AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { faultSentence } from '../records/record-errors.js';
import type { ManagedRecord } from '../records/record-types.js';

const PROVIDER = '/admin/providers/:id';
const section = 'providers';

const pathOf = (id: string): string => `/admin/providers/${encodeURIComponent(id)}`;

/** Only what the console made and is not being removed can be given certificates here. */
const trustPath = ({ id, origin, leavingAt }: ManagedRecord): string | null =>
  origin === 'store' && leavingAt === null ? `${pathOf(id)}/certificates` : null;

const sentenceOf = ({ faults }: InvalidRecord): string => faults.map(faultSentence).join(' ');

/** Testing a provider, and trusting the certificate that a test showed or that somebody pasted. */
export const providerTestRoutes = ({ manage }: AdminWeb): readonly AdminRoute[] => {
  const recordOf = ({ params }: AdminVisit) => manage.records.get('provider', params.id ?? '');
  const textIn = ({ form }: AdminVisit): string => (form.get('certificates') ?? '').trim();

  return [
    {
      method: 'post',
      path: `${PROVIDER}/test`,
      section,
      async handle(visit) {
        const provider = await recordOf(visit);
        const lines = await manage.tests.ofSaved(provider.id, visit.by);
        visit.show('admin/provider-test', { provider, lines, trust: trustPath(provider) });
      },
    },
    {
      method: 'post',
      path: `${PROVIDER}/certificates`,
      section,
      async handle(visit) {
        const provider = await recordOf(visit);
        const text = textIn(visit);
        try {
          const certificates = manage.tests.certificatesIn(provider.id, text);
          visit.show('admin/provider-trust', { provider, text, certificates, error: null });
        } catch (error) {
          if (!(error instanceof InvalidRecord)) throw error;
          const shown = { provider, text, certificates: [], error: sentenceOf(error) };
          visit.show('admin/provider-trust', shown, { status: 422 });
        }
      },
    },
    {
      method: 'post',
      path: `${PROVIDER}/certificates/trust`,
      section,
      confirm: true,
      async handle(visit) {
        const { id } = await recordOf(visit);
        const { name } = await manage.tests.trust(id, textIn(visit), visit.by);
        visit.leave({
          kind: 'good',
          message: `The certificate is trusted for ${name} alone. Test it again.`,
        });
        visit.seeOther(pathOf(id));
      },
    },
  ];
};
