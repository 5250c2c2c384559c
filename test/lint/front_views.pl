#!/usr/bin/perl
#
# front_views.pl
#	  Checks that the front's views have the columns of sfn's: what each view of sql/extension selects is compared, by name and in
#	  order, with its row of sql/proxy/views.txt.  Types are compared by a test that has a server (test/tap/shards_calls.pl).
#
# A column's name is what stands behind AS, or the last name of an expression that is one.
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

sub complain
{
	print STDERR "@_\n";
	$errors++;
	return;
}

# What stands between the outermost SELECT and its FROM, in parts; parentheses, strings and comments hide what is in them.
sub selected
{
	my ($query) = @_;
	my ($depth, @parts) = (0);
	while ($query =~ /\G(--[^\n]*|\/\*.*?\*\/|'(?:[^']|'')*'|"[^"]*"|\w+|\s+|.)/gs)
	{
		my $token = $1;
		$depth-- if $token =~ /^[)\]]$/;
		if (!@parts)
		{
			@parts = ('') if $depth == 0 && $token eq 'SELECT';
		}
		elsif ($depth == 0 && ($token =~ /^(?:UNION|EXCEPT|;)$/ || ($token eq 'FROM' && $parts[-1] !~ /\bDISTINCT\s*$/)))
		{
			last;
		}
		elsif ($depth == 0 && $token eq ',')
		{
			push @parts, '';
		}
		else
		{
			$parts[-1] .= $token =~ /^(?:--|\/\*)/ ? ' ' : $token;
		}
		$depth++ if $token =~ /^[(\[]$/;
	}
	return @parts;
}

my %columns_of;
for my $row (grep { !/^\s*(?:#|$)/ } split /\n/, slurp("$top/sql/proxy/views.txt"))
{
	my ($name, undef, undef, undef, $columns) = map { s/^\s+|\s+$//gr } split /\|/, $row;
	$columns_of{$name} = join ' ', map { s/^\s*"?(\w+).*/$1/r } split /,/, $columns;
}

my $seen = 0;
for my $part (sort glob "$top/sql/extension/[0-9][0-9]_*.sql")
{
	my $text = slurp($part);
	while ($text =~ /^CREATE VIEW sfn\.(\w+)\b[^;]*?\bAS\b(.*?;)$/gms)
	{
		my ($view, $query) = ($1, $2);
		next unless defined $columns_of{$view};	# front_routes.pl asks for a row
		my $columns = join ' ', map { /(?:\bAS\s+|^[\w\s.]*\.|^\s*)"?(\w+)"?\s*$/ ? $1 : complain("$part: sfn.$view: which name has the column$_?") || '?' } selected($query);
		$seen++;
		complain("$part: sfn.$view has the columns\n  $columns\nand in sql/proxy/views.txt\n  $columns_of{$view}") if $columns ne $columns_of{$view};
	}
}
complain("sql/extension: only $seen views were found") if $seen < 30;
exit($errors ? 1 : 0);
