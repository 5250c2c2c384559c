#!/usr/bin/perl
#
# memory_contexts.pl
#	  Checks that docs/memory.md has a row for each memory context and hash table that src/ gives a name, and for no other.
#
# An error names file, line and rule.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find;

my $top = dirname(__FILE__) . '/../..';
my $page = 'docs/memory.md';
my $errors = 0;
my (%made, %documented);

sub slurp
{
	my ($path) = @_;
	open(my $file, '<', "$top/$path") or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

sub complain
{
	print STDERR "@_\n";
	$errors++;
}

sub read_source
{
	my ($path) = @_;
	my $text = slurp($path);
	while ($text =~ /\b(?:\w+ContextCreate|hash_create|make_table)\s*\([^;"]*"(sfn [^"]+)"/g)
	{
		my $line = 1 + (substr($text, 0, $-[1]) =~ tr/\n//);
		$made{$1} //= "$path:$line";
	}
}

my @sources;
find({ no_chdir => 1, wanted => sub { push @sources, $1 if m{^\Q$top\E/(src/.+\.[ch])$} } }, "$top/src");
read_source($_) for sort @sources;
$documented{$_} = 1 for slurp($page) =~ /^\| `(sfn [^`]+)` \|/mg;

complain("$made{$_}: $page has no row for the memory of \"$_\"") for grep { !$documented{$_} } sort keys %made;
complain("$page: nothing in src/ is called \"$_\"") for grep { !$made{$_} } sort keys %documented;
complain('src: no named memory context was found') unless %made;
exit($errors ? 1 : 0);
