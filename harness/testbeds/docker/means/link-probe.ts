/**
 * What a link does to packets, measured from inside the sender: echo requests (ICMP, RFC 792) that go over it and whose
 * replies come back by the other direction. The peer's kernel answers, whatever its server does.
 */

/** Arguments: address, how many, milliseconds between two, milliseconds to wait after the last, bytes of data. */
export const PROBE_SCRIPT = String.raw`
use strict; use warnings; use Socket; use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
my ($address, $count, $gap, $wait, $bytes) = @ARGV;
socket(my $s, PF_INET, SOCK_RAW, 1) or do { print STDERR "raw socket: $!"; exit 2 };
setsockopt($s, SOL_SOCKET, SO_SNDBUF, 4 << 20); setsockopt($s, SOL_SOCKET, SO_RCVBUF, 4 << 20);
my $to = pack_sockaddr_in(0, inet_aton $address);
my $own = $$ & 0xffff;
sub now { 1000 * clock_gettime(CLOCK_MONOTONIC) }
sub checksum {
  my $sum = 0; $sum += $_ for unpack 'n*', $_[0] . (length($_[0]) % 2 ? "\0" : '');
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}
my (@sent, @back, $end); my ($n, $answered, $due) = (0, 0, now());
while (1) {
  my $now = now();
  if ($n < $count && $now >= $due) {
    my $packet = pack('C C n n n', 8, 0, 0, $own, $n) . ("\0" x $bytes);
    substr($packet, 2, 2) = pack 'n', checksum($packet);
    $sent[$n++] = now(); send($s, $packet, 0, $to); $due += $gap;
    $end = now() + $wait if $n == $count;
    next;
  }
  last if defined $end && $now >= $end;
  my $until = $n < $count ? $due : $end;
  my $ready = ''; vec($ready, fileno $s, 1) = 1;
  next unless select($ready, undef, undef, ($until > $now ? $until - $now : 0) / 1000) > 0;
  recv($s, my $packet, 65536, 0);
  my ($type, undef, undef, $id, $which) = unpack 'C C n n n', substr $packet, (ord($packet) & 15) * 4, 8;
  next unless $type == 0 && $id == $own && $which < $count;
  push @{$back[$which]}, sprintf('%.2f', now() - $sent[0]), sprintf('%.2f', now() - $sent[$which]);
  # All are there: what comes twice comes soon.
  $end = now() + 20 if @{$back[$which]} == 2 && ++$answered == $count && now() + 20 < $end;
}
print join(' ', map { $back[$_] ? join '/', @{$back[$_]} : '-' } 0 .. $count - 1), "\n";
`;

/** How the link is tried. */
export interface ProbePlan {
  readonly count: number;
  readonly gapMs: number;
  /** How long replies are waited for after the last request. */
  readonly waitMs: number;
  /** Data of each request. */
  readonly bytes: number;
}

/** One request: when each of its replies came, in milliseconds. Empty: none came. */
export interface Echo {
  /** After it was sent. */
  readonly afterMs: readonly number[];
  /** After the first of all was sent. */
  readonly atMs: readonly number[];
}

export function parseEchoes(text: string): readonly Echo[] {
  return text
    .trim()
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const numbers = word === '-' ? [] : word.split('/').map(Number);
      return {
        atMs: numbers.filter((_, index) => index % 2 === 0),
        afterMs: numbers.filter((_, index) => index % 2 === 1),
      };
    });
}

/** In words: `20 of 20 answered, after 100.1 to 101.3 ms`. */
export function describeEchoes(echoes: readonly Echo[]): string {
  const answered = echoes.filter(({ afterMs }) => afterMs.length > 0);
  const twice = answered.filter(({ afterMs }) => afterMs.length > 1).length;
  const times = answered.map(({ afterMs }) => afterMs[0] ?? 0);
  const range = `${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} ms`;
  const when = answered.length === 0 ? '' : `, after ${range}`;
  const more = twice === 0 ? '' : `, ${twice} of them twice`;
  return `${answered.length} of ${echoes.length} answered${when}${more}`;
}
