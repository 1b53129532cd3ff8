/**
 * What a dial of a node to its peer meets, as the node's server would meet it: through the proxy. A request, where the
 * system has one that its peers answer, shows what the proxy does to data both ways.
 */

/** Arguments: address, port, milliseconds in all, what to send (`\r\n` written so). */
export const DIAL_SCRIPT = String.raw`
use strict; use warnings; use Socket; use Fcntl; use Errno;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
my ($address, $port, $limit, $request) = @ARGV;
$request =~ s/\\r/\r/g; $request =~ s/\\n/\n/g;
$SIG{PIPE} = 'IGNORE';
sub now { 1000 * clock_gettime(CLOCK_MONOTONIC) }
my ($began, $bytes, $first, $end) = (now(), 0, '-', '');
sub told { printf "%s %s %d %.1f\n", $_[0], $first, $bytes, now() - $began; exit 0 }
sub ready { my ($s, $writing) = @_; my $bits = ''; vec($bits, fileno $s, 1) = 1;
  my $left = ($began + $limit - now()) / 1000; $left = 0 if $left < 0;
  return $writing ? select(undef, $bits, undef, $left) : select($bits, undef, undef, $left) }
socket(my $s, PF_INET, SOCK_STREAM, 0) or die; fcntl($s, F_SETFL, O_NONBLOCK);
connect($s, pack_sockaddr_in($port, inet_aton $address)) or $! == Errno::EINPROGRESS() or told($! == Errno::ECONNREFUSED() ? 'refused' : 'failed');
told('silence') unless ready($s, 1) > 0;
my $error = unpack 'i', getsockopt($s, SOL_SOCKET, SO_ERROR);
told($error == Errno::ECONNREFUSED() ? 'refused' : 'failed') if $error;
told('open') if $request eq '';
syswrite $s, $request;
while (1) {
  told('open') unless ready($s, 0) > 0;
  my $n = sysread $s, my $chunk, 65536;
  told('reset') if !defined $n && $! != Errno::EAGAIN();
  next unless defined $n;
  told('closed') unless $n;
  $first = sprintf '%.1f', now() - $began if $first eq '-';
  $bytes += $n;
}
`;

/** How it ended: not begun (`refused`, `silence`, `failed`), or begun and left open, closed or reset by the other side. */
export interface ProxiedDial {
  readonly end: 'refused' | 'silence' | 'failed' | 'open' | 'closed' | 'reset';
  /** When the first byte of the answer came, in milliseconds; null: none came. */
  readonly firstMs: number | null;
  readonly bytes: number;
  readonly tookMs: number;
}

export function parseDial(text: string): ProxiedDial {
  const [end = 'failed', first = '-', bytes = '0', took = '0'] = text.trim().split(' ');
  return {
    end: end as ProxiedDial['end'],
    firstMs: first === '-' ? null : Number(first),
    bytes: Number(bytes),
    tookMs: Number(took),
  };
}

/** In words: `closed after 103.2 ms, 211 bytes, the first after 102.9 ms`. */
export function describeDial({ end, firstMs, bytes, tookMs }: ProxiedDial): string {
  const answer = firstMs === null ? 'no answer' : `${bytes} bytes, the first after ${firstMs} ms`;
  return `${end} after ${tookMs} ms, ${answer}`;
}
