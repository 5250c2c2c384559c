
# The examples of docs/guide work: every page is run from top to bottom, in a database of its own.

use strict;
use warnings;

use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my @pages = sort glob dirname(__FILE__) . '/../../docs/guide/*.md';
plan skip_all => 'the documentation is not here' unless @pages;

my $node = sfn_node('guide', create => 0);

foreach my $page (@pages)
{
	my $name = basename($page, '.md');
	my $database = $name eq 'operations' ? 'app' : $name;
	my $text = slurp_file($page);
	my @examples;
	while ($text =~ /^```sql\n(.*?)^```$(\n^```\n^ERROR:)?/msg)
	{
		push @examples, defined $2 ? "\\set ON_ERROR_STOP off\n$1\\set ON_ERROR_STOP on\n" : $1;
	}

	cmp_ok(scalar(@examples), '>', 0, "$name has examples");
	$node->safe_psql('postgres', qq{CREATE DATABASE "$database"});
	$node->safe_psql($database, 'CREATE EXTENSION sfn') unless $text =~ /CREATE EXTENSION.* sfn;/ && $name ne 'operations';
	my ($status, $out, $err) = $node->psql($database, join("\n", @examples), on_error_stop => 1);
	is($status, 0, "... which work") or diag($err);

	# links between pages lead somewhere
	my $folder = dirname($page);
	my @broken = grep { !-e "$folder/$_" } map { s/#.*//r } grep { !/^(https?:|#)/ } $text =~ /\]\(([^)]+)\)/g;
	is("@broken", '', '... and links that lead somewhere');
}

$node->stop;
done_testing();
