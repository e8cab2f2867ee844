import { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';
import { connect, type SecureContext } from 'node:tls';

/** What simple-oauth2's HTTP client connects with, by protocol. */
interface Agents {
  readonly http: HttpAgent;
  readonly https: Agent;
  /** Never asked for; it believes no more than the other. */
  readonly httpsAllowUnauthorized: Agent;
}

/**
 * Agents whose TLS believes what this context does. The context stays inside a function: simple-oauth2 copies its settings, and a
 * copied context would end the process.
 */
export const trustingAgents = (secureContext: SecureContext): Agents => {
  const https = Object.assign(new Agent(), {
    createConnection: (options: object) => connect({ ...options, secureContext }),
  });
  return { http: new HttpAgent(), https, httpsAllowUnauthorized: https };
};
