#!/usr/bin/perl
#
# numbers.pl
#	  Checks that numbers of enumerations stand in SQL by their names, and that columns of results are read by theirs.
#
# The store's statements say ":EVENT_STOP" (store/sql_numbers.h); no SQL in C compares a kind, state, status or timer
# with a number.  The extension's script needs the number itself, in defaults and in conditions of partial indexes:
# there its name stands behind it, "kind = 13 /* EVENT_RUN_TASK_ALONE */", and is to have that number in the headers.
#
# Run from the project's top folder or by "make lint".
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find;

my $top = dirname(__FILE__) . '/../..';
my $columns = qr/\b(?:kind|state|status|timer)\b/;
my %number;
my $errors = 0;

sub lines_of
{
	my ($path) = @_;
	open(my $file, '<', "$top/$path") or die "$path: $!\n";
	my @lines = <$file>;
	return @lines;
}

sub complain
{
	print STDERR "@_\n";
	$errors++;
}

sub files
{
	my ($folder, $ending) = @_;
	my @found;
	find({ no_chdir => 1, wanted => sub { push @found, $1 if m{^\Q$top\E/(.+\.$ending)$} } }, "$top/$folder");
	return sort @found;
}

# NAME = 1 of enumerations, and rows EXECUTION_STATUS(NAME, 1).
sub read_numbers
{
	for my $path (files('src', 'h'))
	{
		for (lines_of($path))
		{
			$number{$1} = $2 if /^\s+([A-Z][A-Z0-9_]+)\s*=\s*(\d+)\s*(?:,|\/\*|$)/;
			$number{"$1_$2"} = $3 if /^(EXECUTION)_STATUS\((\w+), (\d+)\)/;
		}
	}
}

sub check_script
{
	my ($path) = @_;
	my $line = 0;
	for (lines_of($path))
	{
		$line++;
		s/--.*//;
		while (/$columns(?:\s*(?:=|<>|<=?|>=?)\s*|[^,;(]*\bDEFAULT\s+)([1-9]\d*)(?:\s*\/\* (\w+) \*\/)?/g)
		{
			my ($found, $name) = ($1, $2);
			complain("$path:$line: $found has no name: write $found /* NAME */") unless defined $name;
			complain("$path:$line: $name is " . ($number{$name} // 'unknown') . ", not $found")
				if defined $name && ($number{$name} // -1) != $found;
		}
	}
}

sub check_source
{
	my ($path) = @_;
	my $line = 0;
	for (lines_of($path))
	{
		$line++;
		complain("$path:$line: a number of an enumeration stands in SQL: write :NAME (store/sql_numbers.c)")
			if /"[^"]*$columns\s*(?:=|<>|<=?|>=?|IN)\s*\(?\d/;
		complain("$path:$line: a column is read by its number: name it in an enum at the query")
			if /\bstore_(?:is_null|u?int\d+|bool|oid|timestamp|text)\(.*,\s*\d+\)/;
	}
}

read_numbers();
check_script($_) for files('sql/extension', 'sql');
check_source($_) for files('src/server', 'c');
exit($errors ? 1 : 0);
