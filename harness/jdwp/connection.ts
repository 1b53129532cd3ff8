/**
 * A connection to a Java virtual machine's debug agent (`-agentlib:jdwp=transport=dt_socket,server=y`). An agent serves
 * one debugger at a time. When the connection ends, whatever the reason, the agent clears every event request and
 * resumes every thread (jdk.jdwp.agent, debugLoop.c and debugInit_reset), so nothing is left to be undone.
 */
import { connect, type Socket } from 'node:net';
import { type Clock, within } from '../clock.ts';
import { SECOND } from '../operation.ts';
import { type IdSizes, JdwpReader, JdwpWriter } from './bytes.ts';
import { encodeCommand, HANDSHAKE, type JdwpCommand, PacketReader } from './packets.ts';

const ID_SIZES: JdwpCommand = { set: 1, command: 7 };
/** Event.Composite, the one command that the agent sends. */
const EVENT_SET = 64;
const CONNECT_LIMIT = 2 * SECOND;
/** Before they are known; nothing that holds an id is read with them. */
const UNKNOWN_SIZES: IdSizes = { field: 8, method: 8, object: 8, referenceType: 8, frame: 8 };

/** The agent refused a command. */
export class JdwpError extends Error {
  override readonly name = 'JdwpError';
  /** As in the protocol's table "Error Constants". */
  readonly code: number;
  constructor(code: number, command: JdwpCommand) {
    super(`JDWP command ${command.set}.${command.command}: error ${code}${nameOf(code)}`);
    this.code = code;
  }
}

/** The connection ended before the agent answered. */
export class JdwpClosedError extends Error {
  override readonly name = 'JdwpClosedError';
}

export interface JdwpHandlers {
  /** Event.Composite came. */
  event(data: JdwpReader): void;
  /** The connection ended, by either side. */
  closed(): void;
}

interface Waiting {
  readonly command: JdwpCommand;
  readonly resolve: (data: JdwpReader) => void;
  readonly reject: (error: Error) => void;
}

export class JdwpConnection {
  readonly #socket: Socket;
  readonly #packets = new PacketReader();
  readonly #waiting = new Map<number, Waiting>();
  readonly #handlers: JdwpHandlers;
  #sizes = UNKNOWN_SIZES;
  #next = 1;
  #ended: Error | null = null;
  #greeted: () => void = () => undefined;
  #refused: (error: Error) => void = () => undefined;

  private constructor(socket: Socket, handlers: JdwpHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the virtual machine closed it'));
  }

  /** @throws when nobody listens there, when it is no debug agent, or when another debugger is attached */
  static async open(
    host: string,
    port: number,
    clock: Clock,
    handlers: JdwpHandlers,
  ): Promise<JdwpConnection> {
    const socket = connect({ host, port });
    const connection = new JdwpConnection(socket, handlers);
    const greeting = new Promise<void>((resolve, reject) => {
      connection.#greeted = resolve;
      connection.#refused = reject;
    });
    socket.once('connect', () => socket.write(HANDSHAKE));
    try {
      const what = `connecting to the debugger's port of ${host}`;
      await within(clock, CONNECT_LIMIT, what, greeting);
      connection.#sizes = await within(clock, CONNECT_LIMIT, what, connection.#askSizes());
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Empty data, to be filled for a command. */
  data(): JdwpWriter {
    return new JdwpWriter(this.#sizes);
  }

  /** Sends a command now; commands are done in order. @throws JdwpError, JdwpClosedError */
  send(command: JdwpCommand, data: JdwpWriter = this.data()): Promise<JdwpReader> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#next++;
    const reply = new Promise<JdwpReader>((resolve, reject) => {
      this.#waiting.set(id, { command, resolve, reject });
    });
    this.#socket.write(encodeCommand(id, command, data.bytes()));
    return reply;
  }

  /** Lets go: the agent clears all event requests and resumes all threads. */
  close(): void {
    this.#end('closed by us');
    this.#socket.destroy();
  }

  async #askSizes(): Promise<IdSizes> {
    const reply = await this.send(ID_SIZES);
    const [field, method] = [reply.int(), reply.int()];
    const [object, referenceType, frame] = [reply.int(), reply.int(), reply.int()];
    return { field, method, object, referenceType, frame };
  }

  #take(chunk: Buffer): void {
    try {
      for (const packet of this.#packets.push(chunk)) {
        const data = new JdwpReader(packet.data, this.#sizes);
        if (packet.reply) this.#answer(packet.id, packet.error, data);
        else if (packet.set === EVENT_SET) this.#handlers.event(data);
      }
      if (this.#packets.greeted) this.#greeted();
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
      this.#socket.destroy();
    }
  }

  #answer(id: number, error: number, data: JdwpReader): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === 0) waiting?.resolve(data);
    else waiting?.reject(new JdwpError(error, waiting.command));
  }

  #end(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = new JdwpClosedError(`the debugger's connection ended: ${reason}`);
    this.#refused(this.#ended);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
    this.#handlers.closed();
  }
}

const ERRORS: Readonly<Record<number, string>> = {
  10: 'INVALID_THREAD',
  13: 'THREAD_NOT_SUSPENDED',
  15: 'THREAD_NOT_ALIVE',
  20: 'INVALID_OBJECT',
  21: 'INVALID_CLASS',
  22: 'CLASS_NOT_PREPARED',
  23: 'INVALID_METHODID',
  24: 'INVALID_LOCATION',
  99: 'NOT_IMPLEMENTED',
  112: 'VM_DEAD',
};

function nameOf(code: number): string {
  const name = ERRORS[code];
  return name === undefined ? '' : ` (${name})`;
}
