#!/usr/bin/perl
#
# later_headers.pl
#	  Checks that no C code uses what the headers of a later version of PostgreSQL no longer have.  (What is exported
#	  as a symbol is symbols.pl's; macros and attributes leave none.)
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find;

my $top = dirname(__FILE__) . '/../..';

# The name, and the version without it.
my %gone = (
	Abs => 16,
	AssertArg => 16,
	AssertState => 16,
	InvalidBackendId => 17,
	MyBackendId => 17,
	PG_FUNCNAME_MACRO => 17,
	pg_attribute_noreturn => 18,
);
my $names = join '|', sort keys %gone;
my $errors = 0;

find({ no_chdir => 1, wanted => sub {
	return unless /\.[ch]$/;
	open(my $file, '<', $_) or die "$_: $!\n";
	while (my $line = <$file>) {
		next unless $line =~ /\b($names)\b/;
		print STDERR "$_:$.: PostgreSQL $gone{$1} has no $1\n";
		$errors++;
	}
} }, "$top/src");
exit($errors ? 1 : 0);
