/** The commands of the Java Debug Wire Protocol that faults need, typed. */
import type { JdwpId } from './bytes.ts';
import type { JdwpConnection } from './connection.ts';
import { EVENT_KINDS } from './events.ts';
import type { JdwpCommand } from './packets.ts';

const COMMANDS = {
  classesBySignature: { set: 1, command: 2 },
  allThreads: { set: 1, command: 4 },
  createString: { set: 1, command: 11 },
  methods: { set: 2, command: 5 },
  invokeStatic: { set: 3, command: 3 },
  newInstance: { set: 3, command: 4 },
  threadName: { set: 11, command: 1 },
  resumeThread: { set: 11, command: 3 },
  threadStatus: { set: 11, command: 4 },
  stopThread: { set: 11, command: 10 },
  setRequest: { set: 15, command: 1 },
  clearRequest: { set: 15, command: 2 },
} as const satisfies Readonly<Record<string, JdwpCommand>>;

const SUSPEND_NONE = 0;
const SUSPEND_EVENT_THREAD = 1;
const CLASS_TAG = 1;
const STRING_TAG = 's'.charCodeAt(0);
const COUNT_MODIFIER = 1;
const THREAD_MODIFIER = 3;
const LOCATION_MODIFIER = 7;
const EXCEPTION_MODIFIER = 8;
const CLASS_MATCH_MODIFIER = 5;
/** Methods without code, in which no breakpoint can be. */
const ABSTRACT_OR_NATIVE = 0x0400 | 0x0100;
/** The other threads stay as they are while a method is invoked. */
const SINGLE_THREADED = 1;

/** An exception made for a thread. */
export interface MadeException {
  readonly type: JdwpId;
  readonly object: JdwpId;
}

export interface JavaMethod {
  readonly id: JdwpId;
  readonly name: string;
  /** `(Ljava/lang/String;)V` */
  readonly signature: string;
  readonly hasCode: boolean;
}

export class VirtualMachine {
  readonly #connection: JdwpConnection;

  constructor(connection: JdwpConnection) {
    this.#connection = connection;
  }

  /** Classes of this name that are loaded, one a class loader. */
  async classes(name: string): Promise<readonly JdwpId[]> {
    const reply = await this.#send('classesBySignature', this.#data().text(signatureOf(name)));
    return times(reply.int(), () => {
      reply.byte();
      const type = reply.id('referenceType');
      reply.int();
      return type;
    });
  }

  /** Methods that the class declares itself. */
  async methods(type: JdwpId): Promise<readonly JavaMethod[]> {
    const reply = await this.#send('methods', this.#data().id('referenceType', type));
    return times(reply.int(), () => {
      const id = reply.id('method');
      const [name, signature] = [reply.text(), reply.text()];
      return { id, name, signature, hasCode: (reply.int() & ABSTRACT_OR_NATIVE) === 0 };
    });
  }

  async threads(): Promise<readonly JdwpId[]> {
    const reply = await this.#send('allThreads', this.#data());
    return times(reply.int(), () => reply.id('object'));
  }

  async threadName(thread: JdwpId): Promise<string> {
    return (await this.#send('threadName', this.#data().id('object', thread))).text();
  }

  /** Whether the debugger holds it. */
  async suspended(thread: JdwpId): Promise<boolean> {
    const reply = await this.#send('threadStatus', this.#data().id('object', thread));
    reply.int();
    return (reply.int() & 1) === 1;
  }

  async resume(thread: JdwpId): Promise<void> {
    await this.#send('resumeThread', this.#data().id('object', thread));
  }

  /** Suspends each thread that enters the method. @returns the request's number, which its events carry */
  async breakAt(type: JdwpId, method: JdwpId): Promise<number> {
    const data = this.#data().byte(EVENT_KINDS.breakpoint).byte(SUSPEND_EVENT_THREAD).int(1);
    data.byte(LOCATION_MODIFIER).byte(CLASS_TAG).id('referenceType', type).id('method', method);
    return (await this.#send('setRequest', data.long(0n))).int();
  }

  /** Suspends the thread that loads a class of this name, before any of its code runs. @returns the request's number */
  async watchLoading(name: string): Promise<number> {
    const data = this.#data().byte(EVENT_KINDS.classPrepare).byte(SUSPEND_EVENT_THREAD).int(1);
    return (await this.#send('setRequest', data.byte(CLASS_MATCH_MODIFIER).text(name))).int();
  }

  /** Tells once, without stopping it, when the thread throws this or a subclass. @returns the request's number */
  async watchThrow(thread: JdwpId, exceptionType: JdwpId): Promise<number> {
    const data = this.#data().byte(EVENT_KINDS.exception).byte(SUSPEND_NONE).int(3);
    data.byte(THREAD_MODIFIER).id('object', thread);
    data.byte(EXCEPTION_MODIFIER).id('referenceType', exceptionType).byte(1).byte(1);
    return (await this.#send('setRequest', data.byte(COUNT_MODIFIER).int(1))).int();
  }

  async clear(kind: 'breakpoint' | 'classPrepare', request: number): Promise<void> {
    await this.#send('clearRequest', this.#data().byte(EVENT_KINDS[kind]).int(request));
  }

  /**
   * A new exception with a message that says whose it is. Runs its constructor on the thread.
   * @param thread suspended by an event
   */
  async newException(name: string, message: string, thread: JdwpId): Promise<MadeException> {
    const type = (await this.classes(name))[0] ?? (await this.#load(name, thread));
    const constructors = (await this.methods(type)).filter((method) => method.name === '<init>');
    const told = constructors.find(({ signature }) => signature === '(Ljava/lang/String;)V');
    const silent = constructors.find(({ signature }) => signature === '()V');
    const chosen = told ?? silent;
    if (chosen === undefined) throw new Error(`${name} has no constructor of a text or of nothing`);
    const data = this.#data().id('referenceType', type).id('object', thread);
    data.id('method', chosen.id);
    if (told === undefined) data.int(0);
    else
      data
        .int(1)
        .byte(STRING_TAG)
        .id('object', await this.#createString(message));
    const reply = await this.#send('newInstance', data.int(SINGLE_THREADED));
    reply.byte();
    const created = reply.id('object');
    if (created === 0n) throw new Error(`${name}: its constructor threw`);
    return { type, object: created };
  }

  /** The exception is thrown where the thread is, as soon as it runs on. */
  async throwIn(thread: JdwpId, exception: JdwpId): Promise<void> {
    await this.#send('stopThread', this.#data().id('object', thread).id('object', exception));
  }

  /** By Class.forName on the thread. */
  async #load(name: string, thread: JdwpId): Promise<JdwpId> {
    const [klass] = await this.classes('java.lang.Class');
    if (klass === undefined) throw new Error('java.lang.Class is not loaded');
    const method = (await this.methods(klass)).find(
      (one) => one.name === 'forName' && one.signature === '(Ljava/lang/String;)Ljava/lang/Class;',
    );
    if (method === undefined) throw new Error('java.lang.Class has no forName(String)');
    const data = this.#data().id('referenceType', klass).id('object', thread);
    data.id('method', method.id).int(1).byte(STRING_TAG);
    data.id('object', await this.#createString(name)).int(SINGLE_THREADED);
    await this.#send('invokeStatic', data);
    const [loaded] = await this.classes(name);
    if (loaded === undefined) throw new Error(`the virtual machine has no class ${name}`);
    return loaded;
  }

  async #createString(text: string): Promise<JdwpId> {
    return (await this.#send('createString', this.#data().text(text))).id('object');
  }

  #data(): ReturnType<JdwpConnection['data']> {
    return this.#connection.data();
  }

  #send(
    name: keyof typeof COMMANDS,
    data: ReturnType<JdwpConnection['data']>,
  ): ReturnType<JdwpConnection['send']> {
    return this.#connection.send(COMMANDS[name], data);
  }
}

/** `java.lang.String` → `Ljava/lang/String;` */
export function signatureOf(name: string): string {
  return `L${name.replaceAll('.', '/')};`;
}

function times<T>(count: number, read: () => T): readonly T[] {
  return Array.from({ length: count }, read);
}
