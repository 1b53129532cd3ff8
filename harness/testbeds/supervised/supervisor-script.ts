/**
 * PID 1 of every node: a small Perl program (perl-base is in every Debian image), handed in as the container's command
 * so that images need nothing of ours.
 *
 * It outlives the server, so that a dead process (the address stays, peers are refused) and a lost host (silence) are
 * two different faults. It starts the server in its own session, reports its exit at once, signals it and all that it
 * started, takes the whole host down, and runs short commands, follows the log and watches files for the harness.
 * When the harness is gone it puts its node right by itself (self-heal-script.ts).
 * Frames on stdin and stdout, see supervisor-frames.ts; verbs below, in `%verb`.
 */

import { PROXY_USER } from '../docker/proxies/proxy-rules.ts';
import { SELF_HEAL } from './self-heal-script.ts';

/** Where the server's stdout and stderr go, in the node. Survives kill and crash (it is in the container's layer). */
export const SERVER_LOG = '/faultline/server.log';

/** What the supervisor calls itself (`/proc/PID/cmdline`), by which its host pid is recognised. */
export function supervisorTitle(runId: string, node: string): string {
  return `faultline-supervisor ${runId} ${node}`;
}

/** The container's entry point. */
export function supervisorCommand(runId: string, node: string): readonly string[] {
  return ['perl', '-e', SUPERVISOR + SUPERVISOR_LOOP, supervisorTitle(runId, node)];
}

/**
 * What it can do. Arguments: its title, and the file of the server's log (default: in the node's own `/faultline`).
 * No braces after a dollar sign below: this is a template string.
 */
export const SUPERVISOR = String.raw`
use strict; use warnings;
use POSIX (); use Socket; use Fcntl; use IO::Handle; use Errno qw(EINTR EAGAIN);
$0 = shift @ARGV;
my $log = @ARGV ? shift @ARGV : '${SERVER_LOG}';
# What the server and all that it starts have in their environment.
my $mark = 'FAULTLINE_SERVER=1';
my ($server, $session, $buffer) = (0, 0, '');
my (%jobs, %readers, @serial, $serialJob, @pending, %watches, %byWd, $logOffset, $logHandle);
my $logMore = 0;
my $ended = 0;
my ($released, $killing, $aloneSince) = (0, 0, 0);

binmode STDIN; binmode STDOUT;
mkdir $1 if $log =~ m{^(.*)/};
pipe(my $wakeRead, my $wakeWrite) or die;
for ($wakeRead, $wakeWrite) { fcntl($_, F_SETFL, O_NONBLOCK) }
$SIG{CHLD} = sub { syswrite $wakeWrite, 'x' };
$SIG{USR1} = sub { syswrite $wakeWrite, 's' };
$SIG{USR2} = sub { syswrite $wakeWrite, 'r' };
$SIG{TERM} = $SIG{INT} = sub { kill 'KILL', -1; POSIX::_exit(143) } if $$ == 1;
$SIG{PIPE} = 'IGNORE';

socket(my $udp, PF_INET, SOCK_DGRAM, 0) or die "socket: $!";
bind($udp, pack_sockaddr_in(0, INADDR_ANY)) or die "bind: $!";
fcntl($udp, F_SETFL, O_NONBLOCK);
my ($udpPort) = unpack_sockaddr_in(getsockname $udp);

my %call = ((POSIX::uname())[4] eq 'aarch64') ? (init => 26, add => 27) : (init => 294, add => 254);
my $inotifyFd = syscall($call{init}, 0x80800);
my $inotify;
if ($inotifyFd >= 0) { open($inotify, '<&=', $inotifyFd) or die "inotify: $!" }

sub send_frame {
  my $frame = pack('N/a*', pack('(N/a*)*', @_));
  my $at = 0;
  while ($at < length $frame) {
    my $n = syswrite(STDOUT, $frame, length($frame) - $at, $at);
    next if !defined $n && $! == EINTR;
    last unless defined $n;
    $at += $n;
  }
}

sub slurp { my ($path) = @_; open(my $f, '<', $path) or return; binmode $f; local $/; my $t = <$f>; return $t }

# Every process of the server: its session, what carries its mark, and their descendants.
sub family {
  my (%parent, %in, %state);
  opendir(my $d, '/proc') or return ();
  for my $pid (grep { /^[0-9]+$/ && $_ != 1 } readdir $d) {
    my $stat = slurp("/proc/$pid/stat"); next unless defined $stat && $stat =~ /.*\) (\S) (\d+) (\d+) (\d+)/s;
    next if $1 eq 'X' || ($1 eq 'Z' && !ending($pid));
    $parent{$pid} = $2; $state{$pid} = $1;
    if ($session && $4 == $session) { $in{$pid} = 1; next }
    my $environ = slurp("/proc/$pid/environ");
    $in{$pid} = 1 if defined $environ && $environ =~ /(^|\0)\Q$mark\E(\0|$)/;
  }
  my $grown = 1;
  while ($grown) {
    $grown = 0;
    for my $pid (keys %parent) { if (!$in{$pid} && $in{$parent{$pid}}) { $in{$pid} = $grown = 1 } }
  }
  return map { $_ => $state{$_} } keys %in;
}

# Ended but for some of its threads: its ports and files are open still.
sub ending { opendir(my $d, "/proc/$_[0]/task") or return 0; return 1 < grep { /^[0-9]+$/ } readdir $d }

sub stopped { # every thread
  my ($pid) = @_;
  opendir(my $d, "/proc/$pid/task") or return 1;
  for my $task (grep { /^[0-9]+$/ } readdir $d) {
    my $stat = slurp("/proc/$pid/task/$task/stat"); next unless defined $stat && $stat =~ /.*\) (\S)/s;
    return 0 unless $1 =~ /[TtZX]/;
  }
  return 1;
}

sub start_server {
  my ($id, $count, @rest) = @_;
  return send_frame($id, 'ok', $server) if $server;
  my %left = family(); kill 'KILL', keys %left if %left;
  my @environment = splice @rest, 0, $count;
  pipe(my $failRead, my $failWrite) or die;
  my $pid = fork();
  return send_frame($id, 'error', "fork: $!") unless defined $pid;
  if (!$pid) {
    $SIG{$_} = 'DEFAULT' for qw(CHLD TERM INT PIPE USR1 USR2);
    POSIX::setsid();
    for (@environment) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
    { my ($name, $value) = split /=/, $mark, 2; $ENV{$name} = $value }
    open(STDIN, '<', '/dev/null');
    open(STDOUT, '>>', $log) or do { syswrite $failWrite, "$log: $!"; POSIX::_exit(126) };
    open(STDERR, '>&', \*STDOUT);
    { no warnings; exec { $rest[0] } @rest; }
    syswrite $failWrite, "$!"; POSIX::_exit(127);
  }
  close $failWrite;
  my $why = ''; while (1) { my $n = sysread($failRead, $why, 4096); last if defined $n || $! != EINTR }
  if ($why ne '') { waitpid $pid, 0; return send_frame($id, 'error', "cannot run $rest[0]: $why") }
  $server = $session = $pid;
  remember_start($count, @environment, @rest);
  send_frame($id, 'ok', $pid);
}
${SELF_HEAL}
# Each pending entry is tried at once and then each millisecond, until it answers true.
sub pend { my ($try) = @_; push @pending, $try unless $try->() }

sub kill_server {
  my ($id) = @_;
  $killing = 1;
  kill 'KILL', -$session if $session;
  pend(sub {
    my %left = family();
    if (%left) { kill 'KILL', keys %left; return 0 }
    return 0 if $server;
    $session = $killing = 0; send_frame($id, 'ok'); return 1;
  });
}

sub pause_server {
  my ($id) = @_;
  kill 'STOP', -$session if $session;
  pend(sub {
    my %all = family();
    my @running = grep { !stopped($_) } keys %all;
    if (@running) { kill 'STOP', @running; return 0 }
    send_frame($id, 'ok', $server); return 1;
  });
}

sub resume_server {
  my ($id) = @_;
  kill 'CONT', -$session if $session;
  pend(sub {
    my %all = family();
    my @still = grep { $all{$_} eq 'T' } keys %all;
    if (@still) { kill 'CONT', @still; return 0 }
    send_frame($id, 'ok', $server); return 1;
  });
}

# The links go down first: a dying process must not say goodbye to its peers, as a lost host does not.
sub crash {
  my ($id) = @_;
  return send_frame($id, 'error', 'this supervisor is not the first process of its host') if $$ != 1;
  opendir(my $d, '/sys/class/net');
  ioctl($udp, 0x8914, my $request = pack('a16 s x22', $_, 0)) for grep { !/^\.|^lo$/ } readdir $d;
  kill 'KILL', -1;
  my $tries = 0;
  while (waitpid(-1, POSIX::WNOHANG()) >= 0 && $tries++ < 300) { select(undef, undef, undef, 0.001) }
  send_frame($id, 'ok');
  POSIX::_exit(137);
}

sub fork_job { # $does runs in a child; its output and code are the reply
  my ($id, $input, $does) = @_;
  pipe(my $inRead, my $inWrite) or die; pipe(my $outRead, my $outWrite) or die;
  pipe(my $errRead, my $errWrite) or die;
  my $pid = fork();
  if (!defined $pid) { send_frame($id, 'error', "fork: $!"); return }
  if (!$pid) {
    $SIG{$_} = 'DEFAULT' for qw(CHLD TERM INT PIPE USR1 USR2);
    POSIX::setsid();
    open(STDIN, '<&', $inRead); open(STDOUT, '>&', $outWrite); open(STDERR, '>&', $errWrite);
    close $_ for $inWrite, $outRead, $errRead;
    $does->(); POSIX::_exit(127);
  }
  close $_ for $inRead, $outWrite, $errWrite;
  my $job = $jobs{$pid} = { id => $id, open => 2, texts => ['', ''] };
  $readers{fileno $outRead} = [$outRead, $job, 0, $pid];
  $readers{fileno $errRead} = [$errRead, $job, 1, $pid];
  feed($inWrite, $input);
  return $pid;
}

sub run_job {
  my ($id, $input, @argv) = @_;
  return fork_job($id, $input, sub {
    { no warnings; exec { $argv[0] } @argv; }
    syswrite STDERR, "cannot run $argv[0]: $!\n";
  });
}

sub feed { # a pipe holds 64 KiB; what is longer is written by a child of its own
  my ($to, $input) = @_;
  if (length $input > 32768 && !fork()) { print $to $input; close $to; POSIX::_exit(0) }
  syswrite $to, $input if length $input <= 32768;
  close $to;
}

sub finish_job {
  my ($pid) = @_;
  my $job = $jobs{$pid};
  return unless $job && defined $job->{code} && !$job->{open};
  delete $jobs{$pid};
  send_frame($job->{id}, 'ok', $job->{code}, @{$job->{texts}});
  if (defined $serialJob && $serialJob == $pid) { undef $serialJob; next_serial() }
}

sub next_serial { if (!defined $serialJob && @serial) { my $pid = run_job(@{shift @serial}); $serialJob = $pid if $pid } }

sub read_job {
  my ($fd) = @_;
  my ($handle, $job, $which, $pid) = @{$readers{$fd}};
  my $n = sysread($handle, my $chunk, 65536);
  return if !defined $n && $! == EINTR;
  if ($n) { $job->{texts}[$which] .= $chunk; return }
  delete $readers{$fd}; close $handle; $job->{open}--; finish_job($pid);
}

sub reap {
  while (sysread $wakeRead, my $why, 512) {
    start_again() if $why =~ /s/;
    resume_server(-1) if $why =~ /r/;
  }
  while ((my $pid = waitpid(-1, POSIX::WNOHANG())) > 0) {
    my $code = ($? & 127) ? 128 + ($? & 127) : $? >> 8;
    if ($pid == $server) { read_log(1); $server = 0; send_frame(0, 'exit', $pid, $code, ($? & 127)); server_ended($? & 127) }
    elsif ($jobs{$pid}) { $jobs{$pid}{code} = $code; finish_job($pid) }
  }
}

sub connect_to {
  my ($id, $address, $port, $timeoutMs) = @_;
  fork_job($id, '', sub {
    my $answer = sub { syswrite STDOUT, $_[0]; POSIX::_exit(0) };
    $> = ${PROXY_USER} if !$>; # tries the link itself, not a proxy that stands before it
    my $name = sub { $_[0] == Errno::ECONNREFUSED() ? 'refused' : do { local $! = $_[0]; "$!" } };
    socket(my $s, PF_INET, SOCK_STREAM, 0) or $answer->("socket: $!");
    fcntl($s, F_SETFL, O_NONBLOCK);
    my $ok = connect($s, pack_sockaddr_in($port, inet_aton($address)));
    $answer->($name->($! + 0)) if !$ok && $! != Errno::EINPROGRESS();
    my $w = ''; vec($w, fileno $s, 1) = 1;
    $answer->('timeout') unless select(undef, $w, undef, $timeoutMs / 1000) > 0;
    my $error = unpack 'i', getsockopt($s, SOL_SOCKET, SO_ERROR);
    $answer->($error ? $name->($error) : 'open');
  });
}

sub read_log {
  my ($all) = @_;
  $logMore = 0;
  return unless defined $logOffset;
  if (!$logHandle) {
    open($logHandle, '<', $log) or return;
    binmode $logHandle; sysseek $logHandle, $logOffset, 0;
  }
  while (1) {
    my $n = sysread($logHandle, my $chunk, 65536) or return;
    send_frame(0, 'log', $logOffset, $chunk); $logOffset += $n;
    if (!$all) { $logMore = $n == 65536; return } # the rest after the commands that wait
  }
}

sub add_watch { my ($path, $mask) = @_; my $p = "$path"; return syscall($call{add}, $inotifyFd, $p, $mask | 0x20000000) }

sub arm_watch { # on the directory, or on its nearest ancestor until it appears
  my ($id, $report) = @_;
  my $directory = $watches{$id};
  while (1) {
    delete $_->{$id} for values %byWd;
    if (-d $directory) {
      my $wd = add_watch($directory, 0xd8a); next if $wd < 0 && !-d $directory;
      $byWd{$wd}{$id} = 'files';
      if ($report && opendir(my $d, $directory)) { send_frame(0, 'file', $id, $_) for grep { -f "$directory/$_" } readdir $d }
      return;
    }
    my $near = $directory;
    while (!-d $near) { $near =~ s{/[^/]*$}{}; $near = '/' if $near eq '' }
    my $wd = add_watch($near, 0xd80); $byWd{$wd}{$id} = 'ancestor' if $wd >= 0;
    my ($next) = substr($directory, $near eq '/' ? 0 : length $near) =~ m{^(/[^/]+)};
    return unless -d (($near eq '/' ? '' : $near) . $next);
    $report = 1;
  }
}

sub read_inotify {
  my $n = sysread($inotify, my $events, 65536) or return;
  while (length $events >= 16) {
    my ($wd, $mask, $cookie, $length) = unpack 'i I I I', $events;
    my $name = unpack 'Z*', substr($events, 16, $length);
    substr($events, 0, 16 + $length) = '';
    my $on = $byWd{$wd} or next;
    if ($on->{log}) { read_log(0); next if keys %$on == 1 }
    for my $id (grep { $_ ne 'log' && exists $watches{$_} } keys %$on) {
      if ($on->{$id} eq 'ancestor' || $mask & 0x8c00) { delete $on->{$id}; arm_watch($id, 1) }
      elsif (!($mask & 0x40000000) && $name ne '') { send_frame(0, 'file', $id, $name) }
    }
    delete $byWd{$wd} if $mask & 0x8000;
  }
}

sub write_file {
  my ($id, $path, $text) = @_;
  my $at = ''; my @parts = split m{/}, $path; my $name = pop @parts;
  for (@parts) { next if $_ eq ''; $at .= "/$_"; mkdir $at }
  open(my $f, '>', $path) or return send_frame($id, 'error', "$path: $!");
  # On disk before a fault may lose what was not: what we place is no part of what is tested.
  binmode $f; print $f $text; $f->flush; $f->sync; close $f or return send_frame($id, 'error', "$path: $!");
  send_frame($id, 'ok');
}

my %verb = (
  start => \&start_server, kill => \&kill_server, pause => \&pause_server, resume => \&resume_server,
  crash => \&crash, write => \&write_file, connect => \&connect_to,
  release => sub { my ($id) = @_; $released = 1; send_frame($id, 'ok') },
  state => sub {
    my ($id) = @_;
    my $stat = $server ? slurp("/proc/$server/stat") : undef;
    send_frame($id, 'ok', defined $stat && $stat =~ /.*\) (\S)/s ? $1 : '-', $server);
  },
  read => sub { my ($id, $path) = @_; my $t = slurp($path); $t = '' if !defined $t && $path =~ m{^/proc/net/}; defined $t ? send_frame($id, 'ok', $t) : send_frame($id, 'error', "$path: $!") },
  run => sub { run_job(@_) },
  serial => sub { push @serial, [@_]; next_serial() },
  stop => sub { my ($id, $which) = @_; for (keys %jobs) { kill 'KILL', -$_ if $jobs{$_}{id} eq $which } send_frame($id, 'ok') },
  follow => sub {
    my ($id, $offset) = @_;
    open(my $touch, '>>', $log); close $touch; $logOffset = $offset; undef $logHandle;
    my $wd = add_watch($log, 2); $byWd{$wd}{log} = 1 if $wd >= 0;
    read_log(1); send_frame($id, 'ok');
  },
  flush => sub { my ($id) = @_; read_log(1); send_frame($id, 'ok') },
  watch => sub { my ($id, $directory) = @_; $watches{$id} = $directory; arm_watch($id, 0); send_frame($id, 'ok') },
  unwatch => sub { my ($id, $which) = @_; delete $watches{$which}; send_frame($id, 'ok') },
  send => sub { my ($id, $address, $port, $nonce) = @_;
    my $n = send($udp, $nonce, 0, pack_sockaddr_in($port, inet_aton($address))); send_frame($id, 'ok', defined $n ? 'sent' : "$!") },
);

sub read_commands {
  my $n = sysread(STDIN, $buffer, 65536, length $buffer);
  if (!defined $n) { return if $! == EINTR || $! == EAGAIN; return alone() }
  return alone() if !$n;
  while (length $buffer >= 4) {
    my $length = unpack 'N', $buffer; last if length $buffer < 4 + $length;
    my ($id, $name, @fields) = unpack '(N/a*)*', substr($buffer, 4, $length);
    substr($buffer, 0, 4 + $length) = '';
    my $does = $verb{$name};
    $does ? $does->($id, @fields) : send_frame($id, 'error', "unknown verb $name");
  }
}

`;

/** It says hello and serves, until its node ends. Behind `SUPERVISOR`. */
export const SUPERVISOR_LOOP = String.raw`
my @tools = grep { my $tool = $_; grep { -x "$_/$tool" } split /:/, $ENV{PATH} } qw(iptables-restore iptables-save);
send_frame(0, 'hello', $udpPort, $inotifyFd >= 0 ? 1 : 0, @tools);

while (1) {
  my $bits = '';
  vec($bits, $_, 1) = 1 for fileno $wakeRead, fileno $udp, keys %readers;
  vec($bits, fileno STDIN, 1) = 1 unless $ended;
  vec($bits, $inotifyFd, 1) = 1 if $inotify;
  my $found = select(my $ready = $bits, undef, undef, $logMore ? 0 : @pending ? 0.001 : undef);
  if ($found > 0) {
    read_commands() if !$ended && vec($ready, fileno STDIN, 1);
    reap() if vec($ready, fileno $wakeRead, 1);
    if (vec($ready, fileno $udp, 1)) { while (defined recv($udp, my $nonce, 512, 0)) { send_frame(0, 'datagram', $nonce) } }
    read_inotify() if $inotify && vec($ready, $inotifyFd, 1);
    for my $fd (keys %readers) { read_job($fd) if $readers{$fd} && vec($ready, $fd, 1) }
  }
  read_log(0) if $logMore;
  @pending = grep { !$_->() } @pending;
}
`;
