import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/*
 * PostgreSQL starts a process for each connection, which costs more than most tests of a store. As PgBouncer does it (pool_mode = session),
 * one that its client has left is cleared and serves the next client. Messages: PostgreSQL's documentation, 54.7.
 */

/** Bytes of a letter and a length. */
const HEADER = 5;

/** Cuts what arrives into messages: a letter, a length that counts itself, the content. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): readonly Buffer[] {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (rest.length >= HEADER && rest.length > rest.readInt32BE(1)) {
      const end = 1 + rest.readInt32BE(1);
      messages.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return messages;
  }
}

const letterOf = (message: Buffer): string => String.fromCharCode(message[0] ?? 0);

const DISCARD = 'DISCARD ALL\u0000';
const discardAll = Buffer.alloc(HEADER + DISCARD.length);
discardAll.write('Q');
discardAll.writeInt32BE(4 + DISCARD.length, 1);
discardAll.write(DISCARD, HEADER);

const TERMINATE = Buffer.from('X\u0000\u0000\u0000\u0004', 'latin1');

/** One process of PostgreSQL, and who speaks with it. */
class KeptConnection {
  readonly #socket: Socket;
  readonly #left: (isOver: boolean) => void;
  readonly #messages = new Messages();
  /** What it said between the password and the first question. */
  readonly #greeting: Buffer[] = [];
  #isOpen = false;
  #client: Socket | null = null;
  /** What has no answer yet. */
  #asked = 1;
  /** Neither in a transaction nor after a failure in one. */
  #isIdle = false;
  /** Its client left it in the middle of something. */
  #isEnding = false;

  /** `left` is called when its client has left and the next one may have it, and when it is over. */
  constructor(port: number, opening: Buffer, left: (isOver: boolean) => void) {
    this.#left = left;
    this.#socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
      .on('data', (chunk: Buffer) => this.#hear(chunk))
      .on('error', () => undefined)
      .on('close', () => {
        this.#client?.end();
        this.#left(true);
      });
    this.#socket.write(opening);
  }

  serve(client: Socket): void {
    this.#client = client;
    if (this.#isOpen) client.write(Buffer.concat(this.#greeting));
    const messages = new Messages();
    client.on('data', (chunk: Buffer) => {
      for (const message of messages.take(chunk)) this.#pass(message, client);
    });
    client.on('close', () => {
      this.#client = null;
      if (this.#isOpen && this.#isIdle && this.#asked === 0) return this.#ask(discardAll);
      this.#isEnding = true;
      this.#socket.end(TERMINATE);
    });
  }

  #pass(message: Buffer, client: Socket): void {
    const letter = letterOf(message);
    if (letter === 'X') client.end();
    // A query, the end of one in several messages, and a call of a function: each is answered with ReadyForQuery.
    else if ('QSF'.includes(letter)) this.#ask(message);
    else this.#socket.write(message);
  }

  #ask(message: Buffer): void {
    this.#asked += 1;
    this.#socket.write(message);
  }

  #hear(chunk: Buffer): void {
    this.#client?.write(chunk);
    for (const message of this.#messages.take(chunk)) {
      const letter = letterOf(message);
      // Of all that is said about the password only that it was right.
      if (!this.#isOpen && (letter !== 'R' || message.readInt32BE(HEADER) === 0))
        this.#greeting.push(Buffer.from(message));
      if (letter !== 'Z') continue;
      this.#isOpen = true;
      this.#asked -= 1;
      this.#isIdle = message[HEADER] === 'I'.charCodeAt(0);
      if (this.#client === null && !this.#isEnding && this.#asked === 0) this.#left(false);
    }
  }
}

/** The PostgreSQL at a port, at another port, with connections that outlive their clients. */
export class KeptConnections {
  readonly #at: number;
  /** Of those without a client, by what one says first: the names of user and database, and the settings. */
  readonly #idle = new Map<string, KeptConnection[]>();
  #busy = 0;
  #whenLeft: (() => void)[] = [];

  private constructor(at: number) {
    this.#at = at;
  }

  static async start(at: number): Promise<{ readonly port: number; readonly connections: KeptConnections }> {
    const connections = new KeptConnections(at);
    const server = createServer({ noDelay: true }, (client) => {
      client.on('error', () => undefined);
      client.once('data', (opening: Buffer) => connections.#serve(client, opening));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return { port: (server.address() as AddressInfo).port, connections };
  }

  /** Resolves once no client is left, and what the last ones left behind is cleared. */
  async left(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#whenLeft.push(resolve));
  }

  #serve(client: Socket, opening: Buffer): void {
    this.#busy += 1;
    const key = opening.toString('latin1');
    const idle = this.#idle.get(key) ?? [];
    this.#idle.set(key, idle);
    const connection = idle.pop() ?? this.#open(opening, idle);
    connection.serve(client);
  }

  #open(opening: Buffer, idle: KeptConnection[]): KeptConnection {
    const connection = new KeptConnection(this.#at, opening, (isOver) => {
      const at = idle.indexOf(connection);
      if (at === -1) this.#isLeft();
      if (isOver && at !== -1) idle.splice(at, 1);
      if (!isOver) idle.push(connection);
    });
    return connection;
  }

  #isLeft(): void {
    this.#busy -= 1;
    if (this.#busy > 0) return;
    for (const resolve of this.#whenLeft.splice(0)) resolve();
  }
}
