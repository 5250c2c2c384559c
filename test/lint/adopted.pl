#!/usr/bin/perl
#
# adopted.pl
#	  Checks that sfn.adopt() looks at every column of ours that is a role's (store/roles.c), and at every sequence
#	  (store/taken_ids.h).  What a dump leaves out is not looked at.
use strict;
use warnings;
use File::Basename qw(dirname);

my $top = dirname(__FILE__) . '/../..';
my $errors = 0;

sub slurp
{
	my ($path) = @_;
	open(my $file, '<', $path) or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

sub expect
{
	my ($path, $row) = @_;
	return if index(slurp("$top/$path"), $row) >= 0;
	print STDERR "$path: no $row\n";
	$errors++;
}

foreach my $path (glob "$top/sql/extension/*.sql")
{
	my $text = slurp($path);
	my %left_out = map { $_ => 1 } $text =~ /pg_extension_config_dump\('sfn\.(\w+)', 'WHERE false'\)/g;

	while ($text =~ /^CREATE TABLE sfn\.(\w+) \((.*?)^\)/msg)
	{
		my ($table, $columns) = ($1, $2);
		next if $left_out{$table};
		expect('src/server/store/roles.c', qq{("$table", "$1")}) while $columns =~ /^\s+(\w+) sfn\.role\b/mg;
		expect('src/server/store/taken_ids.h', qq{TAKEN_IN("$table")}) if $columns =~ /GENERATED ALWAYS AS IDENTITY/;
	}
}
exit($errors ? 1 : 0);
