/**
 * Calls on the wire: an agent in the network namespace of a node sees every packet (packet(7)) and tells at once of those
 * that hold what is looked for. It ends with the connection it is asked over, so it never outlives the harness.
 */
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { WireCall } from '../../nemesis.ts';
import type { Nanoseconds, NodeName } from '../../operation.ts';
import { bytesOf } from '../../packet-rules.ts';
import type { TestbedContext } from '../../testbed.ts';
import type { SupervisedNode } from './supervised-node.ts';
import { StreamSplitter } from './supervisor-frames.ts';

/** Runs the agent in a node; begins it before it returns. Disposed: it ends. */
export type CallWatch = (
  node: NodeName,
  argv: readonly string[],
  said: (text: string) => void,
  failed: (error: Error) => void,
) => Disposable;

/**
 * Prints a line for each packet that holds the call. What is sent again (its sequence number is not beyond the last one
 * seen of that connection) counts once. Packets to other nodes are passed over with way "both": they are seen there.
 */
const AGENT = `
use strict; use Socket;
my ($way, $peer, $port, $hex, $least, $most, @nodes) = @ARGV;
my $needle = pack 'H*', $hex; my %node = map { inet_aton($_) => 1 } @nodes; my %last;
$peer = inet_aton($peer) if $peer ne '';
socket(my $s, 17, SOCK_DGRAM, 0x0300) or die "packet socket: $!\\n";
setsockopt($s, SOL_SOCKET, 33, pack('i', 8 << 20));
syswrite STDOUT, "ready\\n";
my ($in, $on) = (fileno STDIN, fileno $s); my $bits = ''; vec($bits, $_, 1) = 1 for $in, $on;
while (1) {
  next if select(my $ready = $bits, undef, undef, undef) <= 0;
  if (vec($ready, $in, 1)) { exit 0 unless sysread STDIN, my $ignored, 512 }
  next unless vec($ready, $on, 1);
  my $ll = recv($s, my $p, 65535, 0); next unless defined $ll;
  my ($family, $protocol, $index, $hardware, $type) = unpack 'S n i S C', $ll;
  next unless $protocol == 0x800 && ($type == 4 || $type == 0);
  my $out = $type == 4; next if $way eq 'in' && $out || $way eq 'out' && !$out;
  my $header = (ord($p) & 15) * 4; my $kind = ord substr $p, 9, 1; next unless $kind == 6 || $kind == 17;
  my $other = substr $p, $out ? 16 : 12, 4;
  next if $peer ne '' && $other ne $peer; next if $way eq 'both' && $out && $node{$other};
  my ($source, $target, $seq) = unpack 'n n N', substr $p, $header, 8;
  next if $port && $source != $port && $target != $port;
  my $begin = $header + ($kind == 17 ? 8 : (ord(substr $p, $header + 12, 1) >> 4) * 4);
  my $length = unpack('n', substr $p, 2, 2) - $begin; next if $length <= 0 || $length < $least || $length > $most;
  next if $needle ne '' && index($p, $needle, $begin) < 0;
  if ($kind == 6) {
    my $flow = substr($p, 12, 8) . substr($p, $header, 4); my $before = $last{$flow};
    my $ahead = defined $before ? ($seq - $before) & 0xffffffff : 1;
    next if $ahead == 0 || $ahead >= 0x80000000;
    $last{$flow} = $seq;
  }
  syswrite STDOUT, "seen\\n";
}`;

interface Watched {
  readonly node: NodeName;
  readonly argv: readonly string[];
  readonly seen: (at: Nanoseconds) => void;
  agent: Disposable | null;
}

/** All calls that are watched for in a cluster. */
export class CallWatches {
  readonly #context: TestbedContext;
  readonly #begin: CallWatch;
  readonly #watched = new Set<Watched>();

  constructor(context: TestbedContext, begin: CallWatch) {
    this.#context = context;
    this.#begin = begin;
  }

  add(
    call: WireCall,
    nodes: readonly Pick<SupervisedNode, 'name' | 'address'>[],
    seen: (at: Nanoseconds) => void,
  ): Disposable {
    const addresses = new Map(nodes.map(({ name, address }) => [name, address]));
    const added = placesOf(call, addresses).map(({ node, words }): Watched => {
      const argv = ['perl', '-e', AGENT, ...words, ...addresses.values()];
      return { node, argv, seen, agent: null };
    });
    for (const watched of added) {
      this.#watched.add(watched);
      this.#watch(watched);
    }
    return {
      [Symbol.dispose]: () => {
        for (const watched of added) {
          this.#watched.delete(watched);
          watched.agent?.[Symbol.dispose]();
        }
      },
    };
  }

  /** A node has a new namespace: what was watched there before is watched there again. */
  renew(node: NodeName): void {
    for (const watched of this.#watched) if (watched.node === node) this.#watch(watched);
  }

  #watch(watched: Watched): void {
    watched.agent?.[Symbol.dispose]();
    let rest = '';
    const said = (text: string): void => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const at = this.#context.clock.now();
      for (const line of lines) {
        if (line === 'seen' && this.#watched.has(watched)) watched.seen(at);
        else if (line !== 'ready') this.#context.say(`calls at ${watched.node}: ${line}`);
      }
    };
    const failed = (error: Error): void => {
      if (!this.#watched.has(watched)) return;
      this.#context.say(`calls at ${watched.node} are not seen: ${error.message}`);
    };
    watched.agent = this.#begin(watched.node, watched.argv, said, failed);
  }
}

interface Place {
  readonly node: NodeName;
  readonly words: readonly string[];
}

/** Where a call is looked for: at its sender; else at its receiver; else everywhere, each packet at one place. */
function placesOf(call: WireCall, addresses: ReadonlyMap<NodeName, string>): readonly Place[] {
  const { from, to, port = 0, holds = '', length = [1, 65_535] } = call;
  const hex = Buffer.from(bytesOf(holds)).toString('hex');
  const what = [String(port), hex, String(length[0]), String(length[1])];
  const peer = (end: NodeName | undefined): string => {
    const address = end === undefined ? '' : addresses.get(end);
    if (address === undefined) throw new RangeError(`call: no node ${end ?? ''}`);
    return address;
  };
  if (from !== undefined) return [{ node: from, words: ['out', peer(to), ...what] }];
  if (to !== undefined) return [{ node: to, words: ['in', '', ...what] }];
  return [...addresses.keys()].map((node) => ({ node, words: ['both', '', ...what] }));
}

/** The agent as an exec of the engine, whose input ends with the harness. */
export function execWatch(container: (node: NodeName) => Docker.Container): CallWatch {
  return (node, argv, said, failed) => {
    let stream: Duplex | null = null;
    let over = false;
    const begin = async (): Promise<void> => {
      const exec = await container(node).exec({
        Cmd: [...argv],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      });
      stream = await exec.start({ hijack: true, stdin: true });
      if (over) return void stream.destroy();
      const text = (bytes: Buffer): void => said(bytes.toString());
      const splitter = new StreamSplitter(text, text);
      stream.on('data', (chunk: Buffer) => splitter.push(chunk));
      stream.on('error', failed);
    };
    begin().catch(failed);
    return {
      [Symbol.dispose]: () => {
        over = true;
        stream?.destroy();
      },
    };
  };
}
