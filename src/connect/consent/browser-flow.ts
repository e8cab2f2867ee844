import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { ConnectPorts } from '../connect-ports.js';

/** The answer for a flow that is not there, and for one of another browser: which of the two is nobody's business. */
export const unknownFlow = (): AppError => new AppError('flow_unknown');

export const wrongStep = (): AppError => new AppError('flow_step');

/** Finds a flow for the browser that carries its nonce; every other browser learns nothing. */
export const browserFlow =
  (ports: Pick<ConnectPorts, 'stores' | 'digest'>) =>
  async (id: string, nonce: Secret | null): Promise<Flow & { readonly nonceHash: string }> => {
    if (nonce === null) throw unknownFlow();
    const flow = await ports.stores.flows.byId(id);
    const nonceHash = ports.digest.sha256(nonce.reveal());
    if (flow === null || flow.nonceHash !== nonceHash) throw unknownFlow();
    return { ...flow, nonceHash };
  };
