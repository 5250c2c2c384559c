
# Pages do what they say: README and every page of docs/guide and docs/reference is run from top to bottom, as one script in a database
# of its own, and what a page shows below an example is what the example printed.
#
# A comment that begins with "<!-- sql" is run, too: what a page of the reference stands on.  Its signatures are not: they
# begin with the name of the function.
#
# Shown is compared with printed table by table (those that are shown come in the order of those that were printed), without
# regard to the width of columns, random UUIDs, and, unless the page sets a clock of its own, to times.  "..." in what is shown stands for anything.

use strict;
use warnings;

use File::Basename;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnHttp;
use SfnTest;

my $docs = dirname(__FILE__) . '/../../docs';
my @pages = grep { !/README/ } sort glob "$docs/{guide,reference}/*.md";
plan skip_all => 'the documentation is not here' unless @pages;
push @pages, "$docs/../README.md";

# A page that calls AWS finds the double's address by \getenv.
$ENV{LOOKS} = 1;
$ENV{SFN_AWS_DOUBLE} = http_server(undef, 'aws_responder.py')->{url};
my $node = sfn_node('guide', create => 0);

# The examples of a page: { sql, shown } each; shown is undef where the page shows nothing.
sub examples_of
{
	my ($text) = @_;
	my @examples;
	push @examples, { sql => $1 // $2, shown => $4 }
	  while $text =~ /(?:^<!-- sql.*?\n(.*?)^-->$|^```sql\n(.*?)^```$(\n\n?^```\n(.*?)^```$)?)/msg;
	return grep { $_->{sql} !~ /^sfn\.\w+\(|^CALL sfn\.\w+\(\w+ \w+[ ,]/ } @examples;
}

# Runs them in one session; fills printed of each.  Returns what stopped it, if anything did.
sub run_examples
{
	my ($database, @examples) = @_;
	my $script = '';
	foreach my $example (@examples)
	{
		my $may_fail = ($example->{shown} // '') =~ /^ERROR:/m;
		$script .= '\set ON_ERROR_STOP ' . ($may_fail ? 'off' : 'on') . "\n$example->{sql}\n\\echo == end of example ==\n";
	}
	my $printed;
	IPC::Run::run([ 'psql', '-X', '-q', '-P', 'footer=off', '-d', $node->connstr($database), '-f', '-' ], '<', \$script, '>&', \$printed,
		IPC::Run::timeout(120));
	my @printed = split /^== end of example ==\n/m, $printed, -1;
	$examples[$_]{printed} = $printed[$_] foreach 0 .. $#examples;
	return @printed > @examples ? undef : $printed[-1];
}

# Text without what differs from one run to the next.
sub comparable
{
	my ($text, $has_clock) = @_;
	$text =~ s/^psql:<stdin>:\d+: //mg;
	$text =~ s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/<uuid>/g;
	$text =~ s/\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d)?)?/<time>/g unless $has_clock;
	$text =~ s/\b\d\d:\d\d:\d\d(\.\d+)?\b/<time>/g unless $has_clock;
	$text =~ s/[ ]*\+$//mg; # of values of several lines
	$text =~ s/[-+]{2,}/--/g;
	$text =~ s/[ \t]+/ /g;
	$text =~ s/^ | $//mg;
	return $text;
}

# The first table of what is shown that was not printed in its turn; undef when all were.
sub missing_table
{
	my ($example, $has_clock) = @_;
	my $printed = comparable($example->{printed} // '', $has_clock);
	foreach my $table (grep { /\S/ } split /\n{2,}/, $example->{shown})
	{
		my $pattern = join '.*?', map { quotemeta } split /\.\.\./, comparable($table, $has_clock) =~ s/\n+$//r, -1;
		return $table unless $printed =~ s/\A.*?^$pattern\s*$//ms;
	}
	return undef;
}

@pages = grep { basename($_, '.md') eq $ENV{PAGE} } @pages if $ENV{PAGE};
foreach my $page (@pages)
{
	my $name = basename($page, '.md');
	my $is_reference = $page =~ m{/reference/};
	my $database = $name eq 'operations' ? 'app' : $is_reference ? "reference of $name" : $name;
	my $text = slurp_file($page);
	my @examples = examples_of($text);

	cmp_ok(scalar(@examples), '>', 0, "$name has examples") unless $is_reference;
	$node->safe_psql('postgres', qq{CREATE DATABASE "$database"});
	$node->safe_psql($database, 'CREATE EXTENSION sfn') unless $text =~ /CREATE EXTENSION.* sfn;/ && $name ne 'operations';
	is(run_examples($database, @examples), undef, '... which work');

	my $has_clock = $text =~ /^SET sfn\.test_now/m;
	my @wrong = grep { defined $_->{shown} && defined $_->{printed} && defined missing_table($_, $has_clock) } @examples;
	is(scalar(@wrong), 0, '... and print what is shown')
	  or diag(map { "$name.md shows\n" . missing_table($_, $has_clock) . "but this was printed by\n$_->{sql}\n$_->{printed}\n" } @wrong);

	$node->safe_psql('postgres', qq{DROP DATABASE "$database" WITH (FORCE)});

	# links between pages lead somewhere
	my $folder = dirname($page);
	my @broken = grep { !-e "$folder/$_" } map { s/#.*//r } grep { !/^(https?:|#)/ } $text =~ /\]\(([^)]+)\)/g;
	is("@broken", '', '... and links that lead somewhere');
}

$node->stop;
done_testing();
