#!/usr/bin/perl
#
# front_routes.pl
#	  Checks that the front of several databases knows everything that can be called: each function of sfn has a row in
#	  sql/proxy/routes.txt, if only "none" with a hint, or is made in sql/proxy; each view one in views.txt; each action of AWS's APIs
#	  that changes something one in actions.txt; each list of the gateway's page one in 65_pages.sql.  What only reads may go to the first
#	  shard without a row.
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

# The names in the first column of a table, without types.
sub names_in
{
	my ($path) = @_;
	my @lines = grep { !/^\s*(#|$)/ } split /\n/, slurp($path);
	return map { $_ => 1 } map { s/\(.*//r } map { split ' ', (split /\|/)[0] } @lines;
}

my %functions = names_in("$top/sql/proxy/routes.txt");
my %views = names_in("$top/sql/proxy/views.txt");
my %actions = names_in("$top/sql/proxy/actions.txt");
for my $part (glob "$top/sql/proxy/[0-9][0-9]_*.sql")
{
	my $text = slurp($part);
	$functions{$1} = 1 while $text =~ /^CREATE (?:FUNCTION|PROCEDURE) sfn\.(\w+)\(/mg;
	$views{$1} = 1 while $text =~ /^CREATE VIEW sfn\.(\w+)/mg;
}
for my $part (glob "$top/sql/extension/[0-9][0-9]_*.sql")
{
	my $text = slurp($part);
	while ($text =~ /^CREATE (?:FUNCTION|PROCEDURE) sfn\.(\w+)\(/mg)
	{
		complain("$part: sfn.$1() has no row in sql/proxy/routes.txt") unless $functions{$1};
	}
	while ($text =~ /^CREATE VIEW sfn\.(\w+)/mg)
	{
		complain("$part: the view sfn.$1 has no row in sql/proxy/views.txt") unless $views{$1};
	}
}

# Which rows belong to which API stands in api.c, as do the APIs' prefixes in gateway.c.
my %prefix_of = (states => '', events => 'events:', scheduler => 'scheduler:');
my $api = slurp("$top/src/server/api/aws/api.c");
my %prefix_of_rows;
while ($api =~ /\b(\w+)_families\[\] = \{([^}]*)\}/g)
{
	my ($name, $rows) = ($1, $2);
	exists $prefix_of{$name} or complain("api.c: which prefix do actions of $name have in sql/proxy/actions.txt?");
	$prefix_of_rows{$_} = $prefix_of{$name} // '' foreach $rows =~ /\baws_\w+_actions\b/g;
}
my $seen = 0;
for my $source (glob "$top/src/server/api/aws/*.c")
{
	my $text = slurp($source);
	while ($text =~ /\b(aws_\w+_actions)\[\] = \{(.*?)\n\};/gs)
	{
		my ($rows, $body) = ($1, $2);
		my $prefix = $prefix_of_rows{$rows} // complain("$source: $rows are of no API") && '';
		for my $action ($body =~ /^\s*\{"([\w:]+)"/mg)
		{
			$seen++;
			next if $action =~ /^(?:\w+:)?(?:Get|List|Describe|Validate|Test)/ && $action ne 'GetActivityTask';
			complain("$source: $prefix$action has no row in sql/proxy/actions.txt") unless $actions{"$prefix$action"};
		}
	}
}

# What the page asks of one thing, which is looked for where it is, or is the same on all shards.
my %is_one = map { $_ => 1 } qw(session executions execution states state graph watch mapRun testMachine testPattern redeliver validate);
my $merged = slurp("$top/sql/proxy/65_pages.sql");
my $pages = slurp("$top/src/server/store/page.c");
while ($pages =~ /^\t\{"(\w+)",\n/mg)
{
	complain("src/server/store/page.c: the page's \"$1\" has no row in sql/proxy/65_pages.sql") unless $is_one{$1} || $merged =~ /^\t\('$1', /m;
}
complain("src/server/api/aws: only $seen actions were found") if $seen < 50;
exit($errors ? 1 : 0);
