#!/usr/bin/perl
#
# sql_parts.pl
#	  Checks the parts of the install script against the rules in sql/extension/README.md, and that every table has its
#	  row in docs/architecture.md.
#
# An error names file, line and rule.  Run from the project's top folder or by "make lint".
use strict;
use warnings;
use File::Basename qw(basename dirname);

my $top = dirname(__FILE__) . '/../..';
my $page = 'docs/architecture.md';
my $errors = 0;

sub slurp
{
	my ($path) = @_;
	open(my $file, '<', "$top/$path") or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

sub complain
{
	print STDERR "@_\n";
	$errors++;
}

# The tables named in the first column of the page's table of data.
sub documented_tables
{
	my ($section) = slurp($page) =~ /^## Data\n(.*?)^## /ms or die "$page: no section \"Data\"\n";
	my %found;
	for my $names ($section =~ /^\| (`[^|]*) \|/mg)
	{
		$found{$_} = 1 for $names =~ /`(\w+)`/g;
	}
	return %found;
}

# Called when the next object begins: what the last one should have had below it.
sub check_object
{
	my ($object) = @_;
	return unless $object;
	complain("$object->{place}: $object->{kind} sfn.$object->{name} has no COMMENT below it") unless $object->{comment};
	complain("$object->{place}: view sfn.$object->{name} has no GRANT SELECT below it")
		if $object->{kind} eq 'view' && !$object->{right};
}

sub check_part
{
	my ($path, $documented, $tables) = @_;
	my $wants_tables = basename($path) =~ /^\d[0-4]_/;
	my $number = 0;
	my ($object, %dumped, %made, @sequences);

	complain("$path: parts x0 to x4 are called NN_<family>_tables.sql, no others are")
		if $wants_tables != (basename($path) =~ /_tables\.sql$/) && basename($path) ne '00_header.sql';
	for my $line (split /\n/, slurp($path))
	{
		$number++;
		if ($line =~ /^CREATE (TABLE|VIEW|FUNCTION|PROCEDURE) sfn(?:_internal)?\.(\w+)/)
		{
			check_object($object);
			$object = { kind => lc $1, name => $2, place => "$path:$number" };
			complain("$path:$number: tables stand in parts x0 to x4, views and functions in parts x5 to x9")
				if $wants_tables != ($1 eq 'TABLE');
			$made{$2} = $number if $1 eq 'TABLE';
		}
		elsif ($line =~ /^COMMENT ON (?:TABLE|VIEW|FUNCTION|PROCEDURE) sfn(?:_internal)?\.(\w+)/)
		{
			complain("$path:$number: a comment stands below the object that it is on")
				unless $object && $object->{name} eq $1;
			$object->{comment} = 1;
		}
		elsif ($line =~ /^(?:GRANT|REVOKE) .*\bON (?:FUNCTION |PROCEDURE )?sfn(?:_internal)?\.(\w+)/)
		{
			complain("$path:$number: rights stand below the object that they are on")
				unless $object && $object->{name} eq $1;
			$object->{right} = 1;
		}
		push @sequences, [ "$object->{name}_$1_seq", $number ] if $line =~ /^\t(\w+) .*\bAS IDENTITY\b/;
		$dumped{$1} = 1 if $line =~ /pg_extension_config_dump\('sfn\.(\w+)'/;
	}
	check_object($object);
	for my $sequence (@sequences)
	{
		complain("$path:$sequence->[1]: pg_dump leaves sfn.$sequence->[0] out: no pg_extension_config_dump()")
			unless $dumped{ $sequence->[0] };
	}
	for my $table (sort keys %made)
	{
		$tables->{$table} = 1;
		complain("$path:$made{$table}: pg_dump leaves sfn.$table out: no pg_extension_config_dump()") unless $dumped{$table};
		complain("$path:$made{$table}: $page has no row for the table $table") unless $documented->{$table};
	}
}

my (%seen, %tables);
my %documented = documented_tables();
for my $part (map { s{^\Q$top\E/}{}r } sort glob("$top/sql/extension/*.sql"))
{
	my ($number) = basename($part) =~ /^(\d\d)_[a-z_]+\.sql$/;
	if (!defined $number)
	{
		complain("$part: parts are called NN_<family>.sql");
		next;
	}
	complain("$part: $seen{$number} has this number") if $seen{$number};
	$seen{$number} = $part;
	check_part($part, \%documented, \%tables);
}
for my $part (map { s{^\Q$top\E/}{}r } sort glob("$top/sql/extension/*.sql $top/sql/proxy/*.sql"))
{
	my $number = 0;
	for my $line (split /\n/, slurp($part))
	{
		$number++;
		complain("$part:$number: with STRICT, NULL would have it do nothing, in silence: it is to be an error") if $line =~ /VOLATILE STRICT/;
	}
}
complain("$page: there is no table $_") for grep { !$tables{$_} } sort keys %documented;
exit($errors ? 1 : 0);
