#!/usr/bin/perl
#
# machine_settings.pl
#	  Checks that SQL and the pages have what store/machine_setting_list.h lists: a column of the revisions,
#	  one of the view where SQL may give it, a line in the reference.
use strict;
use warnings;
use File::Basename qw(dirname);

my $top = dirname(__FILE__) . '/../..';
my $errors = 0;

sub slurp
{
	my ($path) = @_;
	open(my $file, '<', "$top/$path") or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

sub expect
{
	my ($column, $path, $text, $pattern) = @_;
	return if $text =~ $pattern;
	print STDERR "$path: nothing about the machine's setting \"$column\" of src/server/store/machine_setting_list.h\n";
	$errors++;
}

my ($tables, $view, $page) = map { [ $_, slurp($_) ] }
	qw(sql/extension/10_state_machine_tables.sql sql/extension/15_state_machines.sql docs/reference/state-machines.md);
my ($revision) = $tables->[1] =~ /CREATE TABLE sfn\.state_machine_revision \((.*?)\n\);/s;
my ($columns) = $view->[1] =~ /CREATE VIEW sfn\.state_machines.*?AS\n(.*?)\nFROM/s;
my $list = slurp('src/server/store/machine_setting_list.h');
while ($list =~ /^\tROW\(\w+, (\w+), (\w+), "(\w+)", (\w+), \w+\)/mg)
{
	my ($column, $type, $giver) = ($1, $2, $4);
	expect($column, $tables->[0], $revision, qr/^\s+$column $type\b/m);
	expect($column, $view->[0], $columns, qr/\br\.$column\b/) if $giver ne 'BY_AWS';
	expect($column, $page->[0], $page->[1], qr/\b$column\b/i);
}
exit($errors ? 1 : 0);
