#!/usr/bin/perl
#
# make_functions.pl
#	  Functions of schema sfn for the front: of each in sql/extension that routes.txt names, one of the same signature, which
#	  hands the call to sfn_proxy.call(); and the rows of sfn_proxy.route.
#
# A signature is read as it stands in the script: "CREATE FUNCTION sfn.name(arguments) RETURNS type", then LANGUAGE.
# A function that routes.txt names and the script does not have is an error.
use strict;
use warnings;
use File::Basename qw(dirname);

my $here = dirname(__FILE__);

sub slurp
{
	my ($path) = @_;
	open(my $file, '<', $path) or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

sub quoted
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

# The rows of a table of routes: [ name, route, effect, the fourth column ].
sub rows_of
{
	my ($path) = @_;
	my @rows;
	for my $line (grep { !/^\s*(#|$)/ } split /\n/, slurp($path))
	{
		my ($names, @columns) = split /\s*\|\s*/, $line;
		push @rows, map { [ $_, @columns[0 .. 2] ] } split ' ', $names;
	}
	return @rows;
}

# Arguments between commas that stand in no quotes and parentheses.
sub split_arguments
{
	my ($text) = @_;
	my @arguments;
	push @arguments, $1 while $text =~ /\G\s*((?:'(?:[^']|'')*'|[^',])+?)\s*(?:,|$)/g;
	return @arguments;
}

sub type_of
{
	my ($argument) = @_;
	$argument =~ s/\s+DEFAULT\s.*//s;
	$argument =~ s/^(?:OUT|INOUT)\s+//;
	$argument =~ s/^(?:"[^"]+"|\w+)\s+// or die "cannot read the argument \"$argument\"\n";
	return $argument;
}

sub name_of
{
	my ($argument) = @_;
	my ($name) = $argument =~ /^(?:OUT\s+)?("[^"]+"|\w+)\s/ or die "cannot read the argument \"$argument\"\n";
	return $name =~ /^"/ ? $name : qq{"$name"};
}

# Types as regprocedure writes them.
my %long = (int => 'integer', timestamptz => 'timestamp with time zone', boolean => 'boolean');

sub long_type
{
	my ($type) = @_;
	my ($base, $array) = $type =~ /^(.*?)((?:\[\])?)$/;
	return ($long{$base} // $base) . $array;
}

sub function_text
{
	my ($name, $arguments, $returns, $strict, $comment) = @_;
	my @all = split_arguments($arguments);
	my @in = grep { !/^OUT\s/ } @all;
	my @out = map { type_of($_) } grep { /^OUT\s/ } @all;
	my $signature = "sfn.$name(" . join(',', map { long_type(type_of($_)) } @in) . ')';
	my @texts = map { "\$$_\::text" } 1 .. @in;
	my $one = ($returns // '') =~ s/^SETOF\s+//r;
	my @columns = @out ? @out : ($one);
	my $rows = "sfn_proxy.pass p, sfn_proxy.call(p.caller, p.stamp, '$signature', ARRAY[" . join(', ', @texts) . ']::text[]) c';
	my $list = join ', ', map { "c[$_]::$columns[$_ - 1]" } 1 .. @columns;
	my $types = join(', ', map { type_of($_) } @in);
	my $body = $one eq 'void' ? "PERFORM c FROM $rows"
		: ($returns // '') =~ /^SETOF/ ? "RETURN QUERY SELECT $list FROM $rows"
		: @out ? "SELECT $list INTO " . join(', ', map { name_of($_) } grep { /^OUT\s/ } @all) . " FROM $rows"
		: "RETURN (SELECT $list FROM $rows)";

	# PL/pgSQL keeps plans, as SQL functions do not, but has no two arguments of a name
	my %names;
	my $is_twice = grep { $names{ name_of($_) }++ } @all;
	my $language = $is_twice ? 'sql' : 'plpgsql';
	my $text = $is_twice ? "\tSELECT $list FROM $rows\n" : "#variable_conflict use_column\nBEGIN\n\t$body;\nEND\n";
	return ($signature, "CREATE FUNCTION sfn.$name($arguments)" . (defined $returns ? " RETURNS $returns" : '')
		  . "\n\tLANGUAGE $language VOLATILE$strict PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS \$\$\n$text"
		  . "\$\$;\nCOMMENT ON FUNCTION sfn.$name($types) IS\n\t'$comment';\n\n");
}

my @routes = rows_of("$here/routes.txt");
my (%route_of, %found);
$route_of{ $_->[0] } = $_ for @routes;

print "-- Made by make_functions.pl.\n\n";
for my $part (sort glob "$here/../extension/[0-9][0-9]_*.sql")
{
	my $text = slurp($part);
	while ($text =~ /^CREATE FUNCTION sfn\.(\w+)\(([^;]*?)\)\s*(?:RETURNS\s+([^;()]*?)\s+)?LANGUAGE c ([^;]*);\nCOMMENT ON FUNCTION [^\n]*? IS\s+'((?:[^']|'')*)';/gm)
	{
		my ($name, $arguments, $returns, $qualities, $comment) = ($1, $2, $3, $4, $5);
		next unless grep { $_->[0] =~ /^$name\b/ } @routes;
		my $signature = join ',', map { long_type(type_of($_)) } grep { !/^OUT\s/ } split_arguments($arguments);
		my ($row) = grep { defined } @route_of{ "$name($signature)", $name };
		next unless $row;
		$found{ $row->[0] } = 1;
		my ($full, $function) = function_text($name, $arguments, $returns, $qualities =~ /STRICT/ ? ' STRICT' : '', $comment);
		print $function, "INSERT INTO sfn_proxy.route (function, route, effect, argument) VALUES (", quoted($full), ', ',
			quoted($row->[1]), ', ', quoted($row->[2]), ', ', $row->[3] // 'NULL', ");\n\n";
	}
}
for my $row (@routes)
{
	die "routes.txt: there is no function $row->[0] in sql/extension\n" unless $found{ $row->[0] };
}
for my $row (rows_of("$here/actions.txt"))
{
	print "INSERT INTO sfn_proxy.route (function, route, effect, member) VALUES (", join(', ', map { quoted($_) } @$row), ");\n";
}
