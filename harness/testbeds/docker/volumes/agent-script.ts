/**
 * The agent of a fault of a volume: a Perl program on the host (Node has no ioctl) that is ready before the fault, acts
 * on the first byte it reads, and puts right what it did when its input ends, by whatever the harness ended.
 *
 * It acts only on the device that it was given: a path where nothing is mounted any more is the host's own disk.
 *
 * ioctls: EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH (fs/ext4/ext4.h): nothing more is written, not even the
 * journal; FIFREEZE and FITHAW (ioctl_fs(2), fsfreeze(8)).
 */
export const AGENT_SCRIPT = String.raw`
use strict; use POSIX (); use Errno qw(EINTR EINVAL EBUSY);
my ($act, $name, @volumes) = @ARGV;
$| = 1; $SIG{$_} = 'IGNORE' for qw(INT TERM HUP PIPE);
my ($SHUTDOWN, $FREEZE, $THAW) = (0x8004587d, 0xc0045877, 0xc0045878);
my $fallocate = (POSIX::uname())[4] eq 'aarch64' ? 47 : 285;
sub volume { # opened, when it is the device that is meant
  my ($path, $major, $minor) = $_[0] =~ /^(.*):(\d+):(\d+)$/s;
  open(my $d, '<', $path) or die "$path: $!\n";
  my $device = (stat $d)[0];
  die "$path is not on the volume's device\n" if $device != (($major << 8) | ($minor & 255) | (($minor & ~255) << 12));
  return ($d, $path);
}
sub control { my ($d, $request) = @_; my $flag = pack 'L', 2; return defined ioctl($d, $request, $flag) }
sub fill {
  my ($d, $path) = @_;
  sysopen(my $f, "$path/$name", 0301, 0600) or die "$path/$name: $!\n"; # O_WRONLY, O_CREAT, O_EXCL
  my ($at, $step) = (0, 1 << 30);
  while ($step >= 1024) {
    if (syscall($fallocate, fileno $f, 0, $at, $step) == 0) { $at += $step } else { $step >>= 1 }
  }
}
my %does = (
  'power-loss' => sub { control($_[0], $SHUTDOWN) or die "EXT4_IOC_SHUTDOWN: $!\n" },
  freeze => sub { control($_[0], $FREEZE) or die "FIFREEZE: $!\n" },
  fill => \&fill,
);
my %undoes = (
  freeze => sub { control($_[0], $THAW) or $! == EINVAL or die "FITHAW: $!\n" },
  fill => sub { unlink "$_[1]/$name" },
);
sub each_volume { my ($what) = @_; $what->(volume($_)) for @volumes }
sub read_byte { while (1) { my $n = sysread STDIN, my $byte, 1; return $n if defined $n; die "$!\n" unless $! == EINTR } }
if ($act eq 'thaw' || $act eq 'unfill') { each_volume($undoes{{ thaw => 'freeze', unfill => 'fill' }->{$act}}); exit 0 }
syswrite(STDOUT, "ready\n");
exit 0 unless read_byte();
eval { each_volume($does{$act}); 1 } ? syswrite(STDOUT, "done\n") : syswrite(STDOUT, "failed: $@");
exit 0 unless $undoes{$act};
1 while read_byte();
eval { each_volume($undoes{$act}) };
`;
