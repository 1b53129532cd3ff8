/**
 * The supervisor's part for when the harness is gone: the end of its channel (the engine closes a container's stdin
 * when the one who was attached dies, see `StdinOnce` in node-container.ts) makes it put its own node right, with no
 * help from the host: what is stopped goes on, own chains are emptied, a server that was killed is started again.
 *
 * Perl, a part of supervisor-script.ts. Signals ask for single acts while the channel lives, for a harness that hangs:
 * USR1 starts the server again, however it ended, USR2 lets it go on.
 */

/** How the server was started last; not there when it never was. Survives kill and crash. */
export const LAST_START = '/faultline/last-start';

// No braces after a dollar sign below: this is a template string.
/** Subroutines of the supervisor's script. */
export const SELF_HEAL = String.raw`
(my $lastStart = $log) =~ s{[^/]*\z}{last-start};

sub remember_start {
  open(my $f, '>', "$lastStart.new") or return;
  binmode $f; print $f pack('(N/a*)*', @_); close $f;
  rename "$lastStart.new", $lastStart;
  unlink "$lastStart.ended";
}

# One that was killed is to run all the same; one that ended by itself is not, unless somebody asks for it who knows
# that a fault was why.
sub server_ended {
  my ($signal) = @_;
  if ($signal != 9) { open(my $f, '>', "$lastStart.ended"); close $f }
  elsif ($aloneSince && time - $aloneSince < 5) { start_again() } # the fault struck as the harness went
}

# A process limit that a fault has set may forbid it for a moment.
sub start_again {
  my $until = time + 10;
  pend(sub {
    return 0 if $killing;
    my $last = slurp($lastStart);
    start_server(-1, unpack '(N/a*)*', $last) if !$server && defined $last;
    return $server || !defined $last || time > $until;
  });
}

sub alone {
  $ended = 1;
  return if $released || $aloneSince;
  $aloneSince = time;
  undef $logOffset;
  # What was still to be done is nobody's wish any more; what runs for the harness ends with it.
  @pending = @serial = (); $killing = 0;
  kill 'KILL', -$_ for grep { !defined $serialJob || $_ != $serialJob } keys %jobs;
  empty_own_chains();
  resume_server(-1);
  start_again() unless -e "$lastStart.ended";
}

# Of every table: chains of ours are named FL-, and naming a chain with a policy line empties it.
sub empty_own_chains {
  pend(sub {
    return 0 if defined $serialJob;
    my $pid = fork();
    return defined $pid if !defined $pid || $pid; # reaped with the others
    my @lines = grep { /^(\*|:FL-|COMMIT)/ } split /\n/, qx(iptables-save 2>/dev/null);
    if (grep { /^:/ } @lines and open(my $to, '|-', 'iptables-restore', '-w', '--noflush')) {
      print $to map { "$_\n" } @lines; close $to;
    }
    POSIX::_exit(0);
  });
}
`;
