/** Methods of a node's Java virtual machine, reached by the Java Debug Wire Protocol (JDWP). */
import type { Armed } from '../nemesis.ts';
import type { Nanoseconds } from '../operation.ts';

/** A method, and which threads that enter it are meant. */
export interface JvmMethod {
  /** `org.apache.zookeeper.server.quorum.Learner` */
  readonly class: string;
  readonly method: string;
  /** Only threads whose name matches (a regular expression's source). Default: any. */
  readonly thread?: string;
}

/** What happens to a thread that enters the method. */
export interface JvmFault extends JvmMethod {
  /** `hold`: until healed; `delay`: that long, each time; `throw`: an exception of this class. */
  readonly act: 'hold' | 'delay' | 'throw';
  /** For `delay`. */
  readonly delay?: Nanoseconds;
  /** For `throw`: `java.io.IOException`. */
  readonly exception?: string;
  /** Only once this other method was entered (by the same rules). Default: at once. */
  readonly after?: JvmMethod;
}

export interface NodeJvm {
  /** Makes a fault at a method ready. A virtual machine that is started again meanwhile gets it too. */
  tamper(fault: JvmFault): Promise<Armed>;
  /** Calls back, with the thread held until it returns, each time the method is entered, until disposed. */
  watchMethod(method: JvmMethod, entered: (at: Nanoseconds) => void): Disposable;
}
