#!/usr/bin/perl
#
# named_tests.pl
#	  Checks that every test which docs/failure-modes.md and docs/threat-model.md name exists, and that the former has each
#	  of its failure modes once, in order, with a test or the words "no test yet".
#
# The last column of a table names tests: NAME.pl is one of test/tap, NAME.spec of test/isolation/specs, fuzz_NAME of
# test/fuzz; all others are paths.  An error names file, line and rule.
use strict;
use warnings;
use File::Basename qw(basename dirname);

my $top = dirname(__FILE__) . '/../..';
my $errors = 0;
my %named;

sub complain
{
	print STDERR "@_\n";
	$errors++;
}

# The file that a test's name stands for; undef: it is no name of a test.
sub path_of
{
	my ($name) = @_;
	return "test/tap/$name" if $name =~ /^\w+\.pl$/;
	return "test/isolation/specs/$name" if $name =~ /^\w+\.spec$/;
	return "test/fuzz/$name.c" if $name =~ /^fuzz_\w+$/;
	return $name if $name =~ m{/.*\.(pl|spec|sql|c)$};
	return undef;
}

# Calls $row with each row of the page's tables, as a list of cells.
sub each_row
{
	my ($page, $row) = @_;
	open(my $file, '<', "$top/$page") or die "$page: $!\n";
	while (my $line = <$file>)
	{
		$row->("$page:$.", split(/\s*\|\s*/, $1)) if $line =~ /^\|\s*(.*?)\s*\|\s*$/ && $line !~ /^\|(-+\|)+$/;
	}
}

sub check_tests
{
	my ($place, $cell) = @_;
	my @tests = grep { defined path_of($_) } $cell =~ /`([^`]+)`/g;
	for my $test (@tests)
	{
		$named{$test} = 1;
		complain("$place: there is no test $test (" . path_of($test) . ')') unless -f "$top/" . path_of($test);
	}
	return scalar @tests;
}

my $expected = 1;
each_row('docs/failure-modes.md', sub {
	my ($place, $mode, @cells) = @_;
	return unless $mode =~ /^F/;
	complain(sprintf '%s: %s, where F%02d should stand', $place, $mode, $expected) unless $mode eq sprintf 'F%02d', $expected;
	$expected++;
	complain("$place: $mode should have four columns") unless @cells == 3;
	complain("$place: $mode names no test; where there is none, say \"no test yet\"")
		unless check_tests($place, $cells[-1]) || $cells[-1] =~ /no test yet/;
});
complain('docs/failure-modes.md: no failure mode was found') if $expected == 1;
for my $test (map { basename($_) } glob("$top/test/tap/f[0-9][0-9]_*.pl"))
{
	complain("docs/failure-modes.md: $test is a failure mode's test and not named") unless $named{$test};
}

my $attempts = 0;
each_row('docs/threat-model.md', sub { $attempts += check_tests($_[0], $_[-1]) });
complain('docs/threat-model.md: no test was found') if !$attempts;
exit($errors ? 1 : 0);
