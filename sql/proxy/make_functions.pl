#!/usr/bin/perl
#
# make_functions.pl
#	  Functions and views of schema sfn for the front: of each function in sql/extension that routes.txt names, one of the same
#	  signature, which hands the call to sfn_proxy.call() or call_one(), or says why it cannot; of each view in views.txt one with the
#	  same columns; and the rows of sfn_proxy.route.
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

# Types in bodies, which have no search_path of their own.
my %internal = ('integer' => 'int4', 'bigint' => 'int8', 'smallint' => 'int2', 'boolean' => 'bool', 'double precision' => 'float8', 'timestamp with time zone' => 'timestamptz');

sub full_type
{
	my ($type) = @_;
	return $type if $type =~ /\./;
	my ($base, $array) = long_type($type) =~ /^(.*?)((?:\[\])?)$/;
	return 'pg_catalog.' . ($internal{$base} // $base) . $array;
}

# Types of rows: their columns' types, and their statements, which are printed before the first function that has one.
my %row_types;

sub read_row_types
{
	my ($text) = @_;
	while ($text =~ /^(CREATE TYPE (sfn\.\w+) AS \((.*?)\);\n(?:COMMENT ON [^;]*;\n)*)/gms)
	{
		my ($statements, $name, $columns) = ($1, $2, $3);
		$row_types{$name} = { statements => $statements, columns => [ map { type_of($_) } split_arguments($columns) ] };
	}
	return;
}

sub row_type_text
{
	my ($returns) = @_;
	my $row_type = $row_types{ ($returns // '') =~ s/^SETOF\s+//r } or return '';
	return (delete $row_type->{statements} // '') . "\n";
}

sub function_text
{
	my ($name, $arguments, $returns, $strict, $comment, $row) = @_;
	my @all = split_arguments($arguments);
	my @in = grep { !/^OUT\s/ } @all;
	my @out = map { type_of($_) } grep { /^OUT\s/ } @all;
	my $signature = "sfn.$name(" . join(',', map { long_type(type_of($_)) } @in) . ')';
	my $types = join(', ', map { type_of($_) } @in);
	my @texts = map { "\$$_\::pg_catalog.text" } 1 .. @in;
	my $one = ($returns // '') =~ s/^SETOF\s+//r;
	my $row_type = $row_types{$one};
	my @columns = map { full_type($_) } @out ? @out : $row_type ? @{ $row_type->{columns} } : ($one);
	my $is_set = ($returns // '') =~ /^SETOF/;
	my $call = "sfn_proxy.call" . ($is_set ? '' : '_one') . "(sfn_proxy.pass(), '$signature', ARRAY[" . join(', ', @texts) . ']::pg_catalog.text[])';
	my $list = join ', ', map { "c[$_]::$columns[$_ - 1]" } 1 .. @columns;

	# PL/pgSQL keeps plans, as SQL functions do not, but has no two arguments of a name
	my %names;
	my $is_twice = grep { $names{ name_of($_) }++ } @all;
	my $language = $is_twice ? 'sql' : 'plpgsql';
	my $body = $is_twice ? "\tSELECT $list FROM $call c\n"
		: $is_set ? "#variable_conflict use_column\nBEGIN\n\tRETURN QUERY SELECT $list FROM $call c;\nEND\n"
		: "DECLARE\n\tc pg_catalog.text[] := $call;\nBEGIN\n\t" . ($one eq 'void' ? 'RETURN' : $row_type ? "RETURN ROW($list)::$one"
			: @out ? join(' ', map { name_of((grep { /^OUT\s/ } @all)[ $_ - 1 ]) . " := c[$_]::$columns[$_ - 1];" } 1 .. @out) . "\n\tRETURN"
			: "RETURN $list") . ";\nEND\n";
	if ($row->[1] eq 'none')
	{
		$language = 'sql';
		$body = "\tSELECT NULL::" . full_type($one || 'text') . " FROM sfn_proxy.refuse(" . quoted("sfn.$name()") . ', ' . quoted($row->[3]) . ")\n";
		$body = "\tSELECT sfn_proxy.refuse(" . quoted("sfn.$name()") . ', ' . quoted($row->[3]) . ")\n" if $one eq 'void';
	}
	# moments and periods are the same texts here and there, however the session writes them
	my $settings = (grep { type_of($_) =~ /^(?:timestamp|interval|date)/ } @in) ? ' SET DateStyle = ISO SET IntervalStyle = postgres' : '';
	return ($signature, "CREATE FUNCTION sfn.$name($arguments)" . (defined $returns ? " RETURNS $returns" : '')
		  . "\n\tLANGUAGE $language VOLATILE$strict PARALLEL UNSAFE$settings AS \$\$\n$body"
		  . "\$\$;\nCOMMENT ON FUNCTION sfn.$name($types) IS\n\t'$comment';\n\n");
}

my (%comments_of, %grants_of);

# An expression for each column of a view whose rows of the same key are one.
sub merged_columns
{
	my ($key, $summed, @columns) = @_;
	my %is_key = map { $_ => 1 } split ' ', $key;
	my %is_summed = map { $_ => 1 } split ' ', $summed;
	return map {
		my ($name, $type) = @$_;
		my $is_number = $type =~ /^(?:bigint|integer|double precision)$/;
		my $function = $is_key{$name} ? undef
			: !$is_summed{'*'} ? ($is_summed{$name} ? 'sum' : 'first')
			: $name =~ /^oldest_/ ? 'min' : $name =~ /^max_/ || $type =~ /^timestamp/ ? 'max' : $is_number || $type eq 'interval' ? 'sum' : 'first';
		!defined $function ? "r.$name" : $function eq 'first' ? "(pg_catalog.array_agg(r.$name))[1] AS $name"
			: "pg_catalog.$function(r.$name)::" . full_type($type) . " AS $name";
	} @columns;
}

sub view_text
{
	my ($name, $shards, $key, $summed, $columns) = @_;
	my @columns = map { [ /^(\w+|"\w+") (.*)$/ ] } split /, (?=\w+ )/, $columns;
	my $number = 0;
	my $rows = 'SELECT ' . join(', ', map { $number++; ($_->[1] eq 'regrole' ? "pg_catalog.to_regrole(c[$number])" : "c[$number]::" . full_type($_->[1])) . " AS $_->[0]" } @columns)
		. "\n\tFROM sfn_proxy.call(sfn_proxy.pass(), 'view sfn.$name', '{}') c";
	my $keys = join ', ', map { "r.$_" } grep { /\w/ } split ' ', $key;
	$rows = 'SELECT ' . join(', ', merged_columns($key, $summed, @columns)) . "\n\tFROM ($rows) r" . ($keys ? " GROUP BY $keys" : '') if $key;
	die "views.txt: there is no view $name in sql/extension\n" unless $grants_of{$name};
	return "CREATE VIEW sfn.$name AS\n\t$rows;\n$comments_of{$name}$grants_of{$name}"
		. "INSERT INTO sfn_proxy.route (function, route, effect, argument) VALUES ('view sfn.$name', 'view', 'read', " . ($shards eq 'first' ? 1 : 'NULL') . ");\n\n";
}

sub read_views
{
	my ($text) = @_;
	$grants_of{$2} = $1 while $text =~ /^(GRANT SELECT ON sfn\.(\w+) TO [^;]*;\n)/gm;
	$comments_of{$2} .= $1 while $text =~ /^(COMMENT ON (?:VIEW|COLUMN) sfn\.(\w+)(?:\.\S+)? IS\s+'(?:[^']|'')*';\n)/gm;
	return;
}

my @routes = rows_of("$here/routes.txt");
my (%route_of, %found);
$route_of{ $_->[0] } = $_ for @routes;

print "-- Made by make_functions.pl.\n\n";
for my $part (sort glob "$here/../extension/[0-9][0-9]_*.sql")
{
	my $text = slurp($part);
	read_row_types($text);
	read_views($text);
	while ($text =~ /^CREATE FUNCTION sfn\.(\w+)\(([^;]*?)\)\s*(?:RETURNS\s+([^;()]*?)\s+)?LANGUAGE c ([^;]*);\nCOMMENT ON FUNCTION [^\n]*? IS\s+'((?:[^']|'')*)';/gm)
	{
		my ($name, $arguments, $returns, $qualities, $comment) = ($1, $2, $3, $4, $5);
		next unless grep { $_->[0] =~ /^$name\b/ } @routes;
		my $signature = join ',', map { long_type(type_of($_)) } grep { !/^OUT\s/ } split_arguments($arguments);
		my ($row) = grep { defined } @route_of{ "$name($signature)", $name };
		next unless $row;
		$found{ $row->[0] } = 1;
		next if ($returns // '') eq 'trigger';
		my ($full, $function) = function_text($name, $arguments, $returns, $qualities =~ /STRICT/ ? ' STRICT' : '', $comment, $row);
		print row_type_text($returns), $function;
		print "$1\n\n" if $text =~ /^(REVOKE ALL ON FUNCTION sfn\.$name\(.*)/m && $row->[1] eq 'none';
		print "INSERT INTO sfn_proxy.route (function, route, effect, argument) VALUES (", quoted($full), ', ',
			quoted($row->[1]), ', ', quoted($row->[2]), ', ', $row->[3] // 'NULL', ");\n\n" unless $row->[1] eq 'none';
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
for my $line (grep { !/^\s*(#|$)/ } split /\n/, slurp("$here/views.txt"))
{
	my ($name, @columns) = split /\s*\|\s*/, $line;
	print view_text($name, @columns);
}
