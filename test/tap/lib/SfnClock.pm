
=head1 NAME

SfnClock - servers and clients whose clock a test can set

=head1 SYNOPSIS

  use SfnClock;

  my $clock = clock();                          # undef: no compiler here
  with_clock($clock, sub { $node->start });     # what starts in here lives by that clock
  set_clock($clock, 8 * 3600);                  # eight hours ahead of the real one

=cut

package SfnClock;

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;

use Exporter 'import';
our @EXPORT = qw(clock with_clock set_clock);

sub set_clock
{
	my ($clock, $seconds) = @_;

	open my $file, '+<', $clock->{file} or die "$clock->{file}: $!";
	binmode $file;
	syswrite $file, pack('q', $seconds);
	close $file;
	return;
}

sub clock
{
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $clock = { library => "$directory/shifted_clock.so", file => "$directory/shift" };

	system('cc', '-O1', '-shared', '-fPIC', '-o', $clock->{library}, dirname(__FILE__) . '/shifted_clock.c', '-ldl') == 0 or return;
	open my $file, '>', $clock->{file} or die "$clock->{file}: $!";
	close $file;
	set_clock($clock, 0);
	return $clock;
}

sub with_clock
{
	my ($clock, $code) = @_;
	local $ENV{LD_PRELOAD} = $clock->{library};
	local $ENV{SFN_CLOCK_SHIFT} = $clock->{file};

	return $code->();
}

1;
