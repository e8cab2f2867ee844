import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection of a client that does not behave: what came of it. */
export class HostileClient {
  readonly socket: Socket;
  /** The first of what the server sent. */
  received = '';
  readonly closed: Promise<void>;
  #dripping: NodeJS.Timeout | null = null;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        if (this.#dripping !== null) clearInterval(this.#dripping);
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** Resolves once it is connected. */
  async connected(): Promise<void> {
    if (this.socket.connecting) await once(this.socket, 'connect');
  }

  /** Sends nothing. */
  wait(): void {
    this.socket.resume();
  }

  /** Sends this, and notes what comes. */
  send(text: string): void {
    if (this.socket.listenerCount('data') === 0)
      this.socket.on('data', (part) => {
        if (this.received.length < 1000) this.received += part.toString('latin1');
      });
    this.socket.write(text);
  }

  /** Sends this, and then `drop` again and again, a little at a time. */
  drip(text: string, drop: string): void {
    this.send(text);
    this.#dripping = setInterval(() => this.socket.write(drop), 250);
  }

  /** Sends this, and never reads what comes. */
  ignore(text: string): void {
    this.socket.pause();
    this.socket.write(text);
  }

  end(): void {
    this.socket.destroy();
  }
}

/** So many of them, a few hundred at a time: a listening socket has a queue of about five hundred. */
export const hostileClients = async (port: number, count: number): Promise<readonly HostileClient[]> => {
  const clients: HostileClient[] = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(200, count - clients.length) }, () => new HostileClient(port));
    await Promise.all(some.map((client) => client.connected()));
    clients.push(...some);
  }
  return clients;
};
