import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { listening } from './listening.js';

/** Hands each connection to the next server that takes it, as a load balancer without sticky sessions does. */
export class Balancer {
  ports: readonly number[] = [];
  port = 0;
  #turn = 0;
  readonly #open = new Set<Socket>();
  readonly #server = createServer((client) => {
    this.#track(client);
    this.#pass(client, this.ports.length);
  });

  async start(): Promise<void> {
    this.port = await listening(this.#server);
  }

  close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
  }

  #pass(client: Socket, left: number): void {
    const { ports } = this;
    const port = ports[this.#turn++ % ports.length];
    if (left === 0 || port === undefined) return void client.destroy();
    const server = tcpConnect(port, '127.0.0.1');
    this.#track(server);
    const isRefused = (): void => this.#pass(client, left - 1);
    server.once('error', isRefused);
    server.once('connect', () => {
      server.off('error', isRefused);
      client.pipe(server).pipe(client);
      server.on('close', () => client.destroy());
      client.on('close', () => server.destroy());
    });
  }
}
