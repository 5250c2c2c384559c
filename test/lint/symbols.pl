#!/usr/bin/perl
#
# symbols.pl
# symbols.pl --learn 15=POSTGRES 16=POSTGRES ... -- LIBRARY...
#	  Checks that sfn.so needs no symbol of the server that the first minor version of its major version lacks, and that it
#	  has each function that an install script names: of this tree, and of the releases, since pg_upgrade and old SQL look for them.
#
# A library that was built with today's headers may be loaded into an older minor version.  server_symbols.txt lists the
# server's symbols that we use, with the major versions whose first minor exports them; a new one is written there
# after a look.  --learn does that: it takes the server programs of first minors, and libraries built for each version.
use strict;
use warnings;
use File::Basename qw(dirname);

my $list = dirname(__FILE__) . '/server_symbols.txt';
my $list_name = 'test/lint/server_symbols.txt';

sub lines_of
{
	my (@command) = @_;
	open(my $pipe, '-|', @command) or die "$command[0]: $!\n";
	my @lines = <$pipe>;
	close($pipe) or die "@command failed\n";
	chomp @lines;
	return @lines;
}

sub exported { return map { (split)[2] => 1 } lines_of('nm', '-D', '--defined-only', $_[0]); }
sub needed { return grep { !/@/ } map { (split)[1] } lines_of('nm', '-D', '--undefined-only', $_[0]); }

# Symbol => [ major versions ]
sub read_list
{
	my %known;
	open(my $file, '<', $list) or return;
	while (<$file>)
	{
		next if /^\s*(#|$)/;
		my ($symbol, @versions) = split;
		$known{$symbol} = \@versions;
	}
	return %known;
}

sub learn
{
	my ($servers, @libraries) = @_;
	my %known = read_list();
	my %exports = map { $_ => { exported($servers->{$_}) } } keys %$servers;
	$known{$_} //= [] for map { needed($_) } @libraries;
	for my $symbol (keys %known)
	{
		my %has = map { $_ => 1 } grep { !$exports{$_} } @{ $known{$symbol} };
		$has{$_} = 1 for grep { $exports{$_}{$symbol} } keys %exports;
		$known{$symbol} = [ sort keys %has ];
		delete $known{$symbol} unless %has;    # a library's, not the server's
	}
	open(my $file, '>', $list) or die "$list: $!\n";
	print $file "# The server's symbols that sfn uses, and the major versions whose first minor version exports them.\n";
	print $file "# Written by test/lint/symbols.pl --learn.\n";
	print $file "$_ @{ $known{$_} }\n" for sort keys %known;
	close($file);
}

sub check
{
	my ($library) = @_;
	my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
	my ($bindir) = lines_of($pg_config, '--bindir');
	my ($major) = join(' ', lines_of($pg_config, '--version')) =~ /PostgreSQL (\d+)/;
	my %server = exported("$bindir/postgres");
	my %known = read_list();
	my $errors = 0;

	for my $symbol (grep { $server{$_} } needed($library))
	{
		next if grep { $_ eq $major } @{ $known{$symbol} // [] };
		print STDERR "$library needs $symbol, ",
			$known{$symbol} ? "which the first PostgreSQL $major does not export" : "which $list_name does not know", "\n";
		$errors++;
	}
	return $errors == 0;
}

# C functions of install scripts that the library does not have.
sub check_functions
{
	my ($library) = @_;
	my $sql = dirname(__FILE__) . '/../../sql';
	my %has = exported($library);
	my ($found, $errors) = (0, 0);

	for my $script (glob("$sql/extension/*.sql $sql/releases/*.sql $sql/updates/*.sql"))
	{
		open(my $file, '<', $script) or die "$script: $!\n";
		local $/;
		my $text = <$file>;
		for my $symbol ($text =~ /'MODULE_PATHNAME',\s*'(\w+)'/g)
		{
			$found++;
			next if $has{$symbol};
			print STDERR "$library has no function $symbol, which $script wants\n";
			$errors++;
		}
	}
	print STDERR "no function was found in $sql\n" if !$found;
	return $found && $errors == 0;
}

if (@ARGV && $ARGV[0] eq '--learn')
{
	shift @ARGV;
	my %servers;
	while (@ARGV && $ARGV[0] ne '--')
	{
		my ($major, $program) = split /=/, shift @ARGV, 2;
		$servers{$major} = $program;
	}
	shift @ARGV;
	learn(\%servers, @ARGV);
	exit 0;
}
my $library = $ARGV[0] // 'sfn.so';
my $is_clean = check($library);
exit(check_functions($library) && $is_clean ? 0 : 1);
