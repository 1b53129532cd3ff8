/**
 * The agent that shapes a node's packets where the kernel has no discipline for it, or that puts the kernel's own
 * disciplines there: Perl, of which perl-base (in every Debian image) is enough, run inside the node.
 *
 * Packets come by NFQUEUE, a queue a link, and are given back when they are due (linux/netfilter/nfnetlink_queue.h).
 * The rules say `--queue-bypass`: an agent that dies, also by kill -9, leaves a link that passes everything. It takes
 * its rules away and gives back what it holds, in order, on `off`, on SIGTERM, and when its channel ends: it never
 * outlives whoever fired the fault.
 *
 * Arguments: its title, two shell scripts (on, off), and for each link `queue,kind,delayMs,jitterMs,share,burst,seed`.
 * Words on stdin, a line each, an answer each: `on` (`on`), `count` (`counts queue:seen:acted:held ...`), `off`
 * (`off`). `lack WHY` when it cannot begin, `failed WHY` when a script failed.
 */
import { COPY_MARK } from './shaping-rules.ts';

/** What the agent calls itself (`/proc/PID/cmdline`). */
export const SHAPER_TITLE = 'faultline-shaper';

// No braces after a dollar sign below but ours: this is a template string.
/** The agent. */
export const SHAPER_SCRIPT = String.raw`
use strict; use warnings;
use Errno qw(EINTR); use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
my ($title, $on, $off, @specs) = @ARGV;
$0 = $title; $| = 1;
my ($netlink, $raw, %links);
my ($sequence, $active, $going) = (0, 0, 0);

sub now { clock_gettime(CLOCK_MONOTONIC) }
sub lack { print "lack $_[0]\n"; exit 2 }

# netlink(7), and linux/netfilter/nfnetlink_queue.h: messages 0 packet, 1 verdict, 2 configuration.
sub attribute {
  my ($type, $data) = @_;
  my $length = 4 + length $data;
  return pack('S S', $length, $type) . $data . ("\0" x ((4 - $length % 4) % 4));
}
sub message {
  my ($type, $flags, $queue, @attributes) = @_;
  my $body = pack('C C n', 0, 0, $queue) . join '', @attributes;
  return pack('L S S L L', 16 + length $body, 3 << 8 | $type, $flags, ++$sequence, 0) . $body;
}
sub configure {
  my ($what, $queue, @attributes) = @_;
  send($netlink, message(2, 5, $queue, @attributes), 0) or lack("NFQUEUE: $what: $!");
  while (1) {
    if (!defined recv($netlink, my $answer, 1 << 17, 0)) { next if $! == EINTR; lack("NFQUEUE: $what: $!") }
    else {
      my (undef, $type) = unpack 'L S', $answer;
      if ($type != 2) { take($answer); next }
      my $error = unpack 'l', substr $answer, 16, 4;
      return unless $error;
      $! = -$error; lack("NFQUEUE: $what: $!");
    }
  }
}
sub open_netlink {
  socket($netlink, 16, 3, 12) or lack("NFQUEUE: $!");
  bind($netlink, pack 'S S L L', 16, 0, 0, 0) or lack("NFQUEUE: $!");
  setsockopt($netlink, SOL_SOCKET, 33, pack 'i', 8 << 20); # SO_RCVBUFFORCE
  setsockopt($netlink, 270, 5, pack 'i', 1);               # NETLINK_NO_ENOBUFS
}
sub open_queue {
  my ($queue, $kind, $delay, $jitter, $share, $burst, $seed) = split /,/, $_[0];
  my $link = $links{$queue} = {
    queue => $queue, kind => $kind, delay => $delay / 1000, jitter => $jitter / 1000, share => $share, burst => $burst,
    state => $seed, held => [], last => 0, seen => 0, acted => 0, bursting => 0,
  };
  drawn($link) for 1 .. 8;
  my $whole = $kind eq 'duplicate';
  configure('bind', $queue, attribute(1, pack 'C C n', 1, 0, 0));
  configure('copy mode', $queue, attribute(2, pack 'N C', $whole ? 65535 : 0, $whole ? 2 : 1));
  configure('length', $queue, attribute(3, pack 'N', 100000));
  # What is copied must be whole packets; of the rest the kernel need not cut the large ones up (NFQA_CFG_F_GSO).
  configure('flags', $queue, attribute(4, pack 'N', 4), attribute(5, pack 'N', 4)) unless $whole;
  return if !$whole || $raw;
  socket($raw, PF_INET, SOCK_RAW, 255) or lack("raw socket: $!");
  setsockopt($raw, SOL_SOCKET, 36, pack 'i', ${COPY_MARK}) or lack("mark: $!");
}

# In [0, 1): the generator of drand48(3), a state a link.
sub drawn {
  my ($link) = @_;
  { use integer; $link->{state} = ($link->{state} * 25214903917 + 11) & 281474976710655 }
  return $link->{state} / 281474976710656;
}
sub verdict { my ($link, $id, $what) = @_; send($netlink, message(1, 1, $link->{queue}, attribute(2, pack 'N N', $what, $id)), 0) }
sub lost {
  my ($link) = @_;
  if ($link->{bursting}) {
    return 1 if drawn($link) < 1 - 1 / $link->{burst};
    $link->{bursting} = 0;
    return 0;
  }
  my ($share, $burst) = @$link{qw(share burst)};
  my $enter = $burst <= 1 ? $share : $share >= 1 ? 1 : $share / ($burst * (1 - $share));
  return 0 unless drawn($link) < $enter;
  $link->{bursting} = $burst > 1;
  return 1;
}
sub hold { my ($link, $id, $due) = @_; $link->{acted}++; push @{$link->{held}}, [$due, $id] }
my %shape = (
  hold => sub { hold(@_[0, 1], 9e99) },
  delay => sub {
    my ($link, $id) = @_;
    my $due = now() + $link->{delay} + (2 * drawn($link) - 1) * $link->{jitter};
    $link->{last} = $due if $due > $link->{last};
    hold($link, $id, $link->{last});
  },
  reorder => sub {
    my ($link, $id) = @_;
    drawn($link) < $link->{share} ? hold($link, $id, now() + $link->{delay}) : verdict($link, $id, 1);
  },
  loss => sub {
    my ($link, $id) = @_;
    my $lost = lost($link);
    $link->{acted} += $lost;
    verdict($link, $id, $lost ? 0 : 1);
  },
  duplicate => sub {
    my ($link, $id, $packet) = @_;
    verdict($link, $id, 1);
    return unless drawn($link) < $link->{share};
    $link->{acted}++;
    my $to = substr $packet, 16, 4;
    send($raw, $packet, 0, pack_sockaddr_in(0, $to));
  },
);

sub take {
  my ($bytes) = @_;
  for (my $at = 0; $at + 16 <= length $bytes;) {
    my ($length, $type) = unpack 'L S', substr $bytes, $at, 6;
    last if $length < 16;
    if ($type == 3 << 8) {
      my $link = $links{unpack 'n', substr $bytes, $at + 18, 2};
      my ($id, $packet);
      for (my $p = $at + 20; $p + 4 <= $at + $length;) {
        my ($size, $kind) = unpack 'S S', substr $bytes, $p, 4;
        last if $size < 4;
        $kind &= 0x3fff;
        if ($kind == 1) { $id = unpack 'N', substr $bytes, $p + 4, 4 }
        elsif ($kind == 10) { $packet = substr $bytes, $p + 4, $size - 4 }
        $p += ($size + 3) & ~3;
      }
      if ($link && defined $id) {
        $link->{seen}++;
        $active ? $shape{$link->{kind}}->($link, $id, $packet) : verdict($link, $id, 1);
      }
    }
    $at += ($length + 3) & ~3;
  }
}
sub read_packets { for (1 .. 64) { defined recv($netlink, my $bytes, 1 << 17, MSG_DONTWAIT) or return; take($bytes) } }
sub drain {
  my $bits = ''; vec($bits, fileno $netlink, 1) = 1;
  while (select(my $ready = $bits, undef, undef, $_[0]) > 0) { read_packets() }
}

sub shell { # '' when it worked, else why not, on one line
  my $said = do { local $ENV{LINES} = shift; qx(sh -c "\$LINES" 2>&1) };
  return '' unless $?;
  $said =~ s/\s+/ /g;
  return $said || "status $?";
}
sub leave { # what is held goes first, what comes meanwhile behind it
  $active = 0;
  if ($netlink) {
    for my $link (values %links) { verdict($link, $_->[1], 1) for splice @{$link->{held}} }
    drain(0);
  }
  my $problem = shell($off);
  drain(0.002) if $netlink;
  print $problem eq '' ? "off\n" : "failed $problem\n";
  exit($problem ne '');
}
sub obey {
  my ($word) = @_;
  leave() if $word eq 'off';
  if ($word eq 'on') {
    $active = 1;
    my $problem = shell($on);
    print $problem eq '' ? "on\n" : "failed $problem\n";
  } else {
    my @counts = map { "$_->{queue}:$_->{seen}:$_->{acted}:" . @{$_->{held}} } sort { $a->{queue} <=> $b->{queue} } values %links;
    print "counts @counts\n";
  }
}

$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = sub { $going = 1 };
my $left = shell($off); # what an agent that was killed has left
lack($left) if $left ne '';
if (@specs) { open_netlink(); open_queue($_) for @specs }
print "ready\n";
my $words = '';
while (1) {
  leave() if $going;
  my ($now, $next) = (now());
  for my $link (values %links) {
    my $held = $link->{held};
    verdict($link, (shift @$held)->[1], 1) while @$held && $held->[0][0] <= $now;
    $next = $held->[0][0] if @$held && $held->[0][0] < ($next // 9e99);
  }
  my $wait = defined $next ? $next - now() : undef;
  $wait = $wait < 0 ? 0 : $wait > 60 ? 60 : $wait if defined $wait;
  my $bits = ''; vec($bits, 0, 1) = 1; vec($bits, fileno $netlink, 1) = 1 if $netlink;
  my $found = select(my $ready = $bits, undef, undef, $wait);
  next if $found <= 0;
  read_packets() if $netlink && vec($ready, fileno $netlink, 1);
  next unless vec($ready, 0, 1);
  my $n = sysread(STDIN, $words, 4096, length $words);
  next if !defined $n && $! == EINTR;
  leave() unless $n; # the harness is gone
  obey($1) while $words =~ s/^(.*)\n//;
}
`;
