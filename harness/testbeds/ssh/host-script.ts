/**
 * What a supervisor does besides on a host that is not ours alone: it keeps a record of all that it makes, and removes
 * just that when it is told to end, when its connection ends, and when the harness has not been heard for 20 s.
 *
 * Perl, between the parts of supervisor-script.ts: the same supervisor as in containers, but not the first process.
 */
import { SUPERVISOR, SUPERVISOR_LOOP, supervisorTitle } from '../supervised/supervisor-script.ts';

/** Everything of ours on a host that is not the plan's own paths. */
export const HOST_FOLDER = '/var/tmp/faultline';

// No braces after a dollar sign below: this is a template string.
const HOST = String.raw`
my ($part, $connection) = @ARGV; # "run.node"; addresses and ports of the SSH connection
my $base = '${HOST_FOLDER}';
my $home = "$base/$part";
my ($lock, $kept, $began, %owned);
die "it must be root there: log in as root, or set sudo in the hosts file\n" if $>;
die "it must run Linux, runs $^O\n" if $^O ne 'linux';
$ENV{PATH} = join ':', defined $ENV{PATH} ? $ENV{PATH} : (), qw(/usr/local/sbin /usr/sbin /sbin /usr/bin /bin);
($log, $lastStart, $mark) = ("$home/server.log", "$home/last-start", "FAULTLINE_SERVER=$part");
# What the server leaves behind as it ends becomes a child of ours, not of the host's first process.
syscall((POSIX::uname())[4] eq 'aarch64' ? 167 : 157, 36, 1, 0, 0, 0);
# Handlers, not IGNORE: the server would inherit that.
$SIG{HUP} = sub { };
$SIG{TERM} = $SIG{INT} = $SIG{ALRM} = sub { alone() };

sub own_folder {
  my ($folder) = @_;
  mkdir $folder, 0700;
  my @found = lstat $folder;
  die "$folder must be a folder of root's own\n" unless @found && -d _ && $found[4] == 0;
}

# One run at a time: nodes of two would share rules and data.
sub lock_host {
  for my $try (0 .. 50) {
    select undef, undef, undef, 0.1 if $try;
    own_folder($base);
    open($lock, '+>>', "$base/lock") or next;
    # One that was removed as we waited for it locks nothing.
    last if flock($lock, 6) && ((stat $lock)[1] == ((stat "$base/lock")[1] // 0));
    close $lock; undef $lock;
  }
  if (!$lock) { my $by = slurp("$base/lock") // '?'; die "another run is under way on this host: $by\n" }
  truncate $lock, 0; syswrite $lock, $part;
}

sub note_made {
  my ($kind, $path) = @_;
  $owned{$path} = 1;
  open(my $made, '>>', "$home/made") or die "$home/made: $!\n";
  syswrite $made, "$kind $path\n"; close $made;
}

sub make_folders { # those that are missing, and records them before
  my ($path) = @_;
  my $at = '';
  for (grep { $_ ne '' } split m{/}, $path) {
    $at .= "/$_";
    next if -e $at;
    note_made('folder', $at);
    mkdir $at, 0755 or die "$at: $!\n";
  }
}

sub entries { my ($folder) = @_; opendir(my $d, $folder) or return (); return grep { !/^(\.|\.\.|lost\+found)$/ } readdir $d }

sub empty_folder {
  my ($folder) = @_;
  my @in = map { "$folder/$_" } entries($folder) or return '';
  return system('rm', '-rf', '--one-file-system', '--', @in) ? "$folder cannot be emptied" : '';
}

# A data folder: empty, or with our marker from a run that is gone. Foreign data is never touched.
sub claim {
  my ($id, @volumes) = @_;
  for my $volume (@volumes) {
    return send_frame($id, 'error', "$volume: expected the path of a folder below the root") if $volume !~ m{^/[^/]};
    return send_frame($id, 'error', "$volume is a link or no folder: expected an empty folder, or none") if -l $volume || (-e $volume && !-d _);
    next if -e "$volume/.faultline" || !entries($volume);
    return send_frame($id, 'error', "$volume holds data that no run of faultline left there (it has no .faultline): empty it or move it away");
  }
  for my $volume (@volumes) {
    eval { make_folders($volume); note_made('volume', $volume); 1 } or return send_frame($id, 'error', "$@");
    my $problem = empty_folder($volume);
    return send_frame($id, 'error', $problem) if $problem;
    open(my $marker, '>', "$volume/.faultline") or return send_frame($id, 'error', "$volume: $!");
    print $marker "$part\n"; close $marker;
  }
  send_frame($id, 'ok');
}

# In a folder that the run has made, or a data folder: all in it goes with it.
sub within_own { my ($path) = @_; while ($path ne '') { return 1 if $owned{$path}; $path =~ s{/[^/]*$}{} } return 0 }

sub write_own { # a file that is there already and is not ours is somebody's
  my ($id, $path, $text) = @_;
  if (!within_own($path)) {
    return send_frame($id, 'error', "$path is there already and not of this run: remove it or move it away") if -e $path || -l $path;
    eval { make_folders($path =~ m{^(.*)/}); note_made('file', $path); 1 } or return send_frame($id, 'error', "$@");
  }
  write_file($id, $path, $text);
}

sub restore_rules { open(my $to, '|-', 'iptables-restore', '-w', '--noflush') or return 1; print $to join("\n", @_, ''); return !close $to }

sub remove_chains {
  my (%table, $table);
  for (split /\n/, qx(iptables-save 2>/dev/null)) {
    if (/^\*(\S+)/) { $table = $1 }
    elsif (/^:(FL-(?:SSH-)?(?:IN|OUT)) /) { push @{$table{$table}{chains}}, $1 }
    elsif (/^-A (?!FL-)(.* -j FL-(?:SSH-)?(?:IN|OUT))$/) { push @{$table{$table}{jumps}}, "-D $1" }
  }
  my @lines = map { my $of = $table{$_}; my @chains = @{$of->{chains} || []};
    ("*$_", @{$of->{jumps} || []}, (map { "-F $_" } @chains), (map { "-X $_" } @chains), 'COMMIT') } keys %table;
  return @lines && restore_rules(@lines) ? 'own chains cannot be removed: iptables-save | grep FL-' : '';
}

# This connection is never cut, whatever is: it is what heals.
sub guard {
  my ($id) = @_;
  my ($client, $from, undef, $to) = split / /, $connection;
  return send_frame($id, 'ok') if $client !~ /^[0-9.]+$/;
  my $failed = restore_rules('*filter', ':FL-SSH-IN - [0:0]', ':FL-SSH-OUT - [0:0]',
    "-A FL-SSH-IN -p tcp -s $client --sport $from --dport $to -j ACCEPT", "-A FL-SSH-OUT -p tcp -d $client --dport $from --sport $to -j ACCEPT",
    '-I INPUT 1 -j FL-SSH-IN', '-I OUTPUT 1 -j FL-SSH-OUT', 'COMMIT');
  $failed ? send_frame($id, 'error', 'iptables-restore fails') : send_frame($id, 'ok');
}

sub end_server { # of the part that the mark names
  my $tries = 0;
  $session = 0;
  while (my %left = family()) {
    return 'processes will not end: ' . join(' ', keys %left) if $tries++ > 500;
    kill 'KILL', keys %left;
    1 while waitpid(-1, POSIX::WNOHANG()) > 0;
    select undef, undef, undef, 0.01;
  }
  return '';
}

# Removes what one part of a run made there. Goes on after a failure. Says what is left.
sub sweep {
  my ($of) = @_;
  my ($own, @made) = ($mark, split /\n/, slurp("$base/$of/made") // '');
  my @problems = remove_chains();
  $mark = "FAULTLINE_SERVER=$of"; push @problems, end_server(); $mark = $own;
  for (reverse @made) {
    my ($kind, $path) = split / /, $_, 2;
    if ($kind eq 'volume') { push @problems, empty_folder($path); unlink "$path/.faultline" }
    elsif ($kind eq 'file') { unlink $path }
    elsif (!-l $path) { push @problems, empty_folder($path); rmdir $path } # it was not there before
  }
  @problems = grep { $_ ne '' } @problems;
  system 'rm', '-rf', '--one-file-system', '--', "$base/$of" unless @problems;
  return @problems;
}

# However it ends: an error of its own must not leave the node broken.
my $main = $$;
END { if ($began && $$ == $main) { my $code = $?; finish(); $? = $code } }

sub parts { return grep { -d "$base/$_" } entries($base) }

sub finish {
  kill 'KILL', -$_ for keys %jobs;
  my @problems = sweep($part);
  unlink "$base/lock"; rmdir $base;
  return @problems;
}

{ no warnings 'redefine';
  # The harness is gone, or its connection.
  *alone = sub { return if $ended++; finish() unless $kept; POSIX::_exit(0) };
  # What is left of the server is known by its mark; its session's number may become another's.
  *server_ended = sub { $session = 0 };
}

%verb = (%verb, write => \&write_own, claim => \&claim, guard => \&guard,
  beat => sub { my ($id) = @_; alarm 20; send_frame($id, 'ok') },
  end => sub { my ($id) = @_; send_frame($id, 'ok', finish()); POSIX::_exit(0) },
  leave => sub {
    my ($id) = @_;
    open(my $f, '>', "$home/kept"); close $f; $kept = 1;
    send_frame($id, 'ok', remove_chains()); POSIX::_exit(0);
  },
);
`;

const BEGIN = String.raw`
lock_host();
for (parts()) { die "the kept cluster of run $_ is on this host: faultline heal --hosts FILE removes it\n" if -e "$base/$_/kept" }
for (parts()) { my @problems = sweep($_); die "what run $_ left cannot be removed: @problems\n" if @problems }
own_folder($home); $owned{$home} = $began = 1; chdir $home;
alarm 20;
`;

const SWEEP = String.raw`
lock_host();
for (parts()) { my @problems = sweep($_); print @problems ? "not removed: $_: @problems\n" : "removed $_\n" }
unlink "$base/lock"; rmdir $base;
`;

/** Reads its program from stdin first: no host's command line is too short for it, and no shell has to quote it. */
const BOOT =
  'my($n,$s)=(shift,"");while(length $s<$n){sysread(STDIN,$s,$n-length $s,length $s)or exit 3}eval $s;die $@ if $@';

/** A program to be run on a host: its command line, and what is written to its stdin first. */
export interface HostProgram {
  readonly command: string;
  readonly input: string;
}

/** The supervisor of one node. */
export function supervisorProgram(runId: string, node: string, sudo: boolean): HostProgram {
  return program(
    SUPERVISOR + HOST + BEGIN + SUPERVISOR_LOOP,
    supervisorTitle(runId, node),
    `${runId}.${node}`,
    sudo,
  );
}

/** Removes what any run left on the host; tells it line by line. */
export function sweepProgram(sudo: boolean): HostProgram {
  return program(SUPERVISOR + HOST + SWEEP, 'faultline-sweep', 'heal', sudo);
}

function program(input: string, title: string, part: string, sudo: boolean): HostProgram {
  if (!/^[\w.-]+$/.test(part)) throw new RangeError(`"${part}" cannot name a folder on a host`);
  const become = sudo ? 'sudo -n ' : '';
  const length = Buffer.byteLength(input);
  const words = `'${BOOT}' ${length} '${title}' server.log '${part}' "$SSH_CONNECTION"`;
  return { command: `exec ${become}perl -e ${words}`, input };
}
