#!/usr/bin/perl
#
# sql_functions.pl
#	  Checks that functions for SQL are defined by SFN_FUNCTION, which looks at the extension's version before it looks
#	  at its arguments, but for those that have to work between the installation of a library and ALTER EXTENSION UPDATE.
#
# Run from the project's top folder or by "make lint".
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find;

my $top = dirname(__FILE__) . '/../..';
my %may_be_bare = map { $_ => 1 } qw(sfn_role_in sfn_role_out sfn_worker_status sfn_extension_created name);
my $errors = 0;

sub look_at
{
	return unless /\.[ch]$/;
	open(my $file, '<', $_) or die "$_: $!\n";
	while (my $line = <$file>)
	{
		my ($name) = $line =~ /PG_FUNCTION_INFO_V1\((\w+)\)/;
		next if !defined $name || $may_be_bare{$name};
		(my $path = $File::Find::name) =~ s{^\Q$top\E/}{};
		print STDERR "$path:$.: $name is to be defined by SFN_FUNCTION (store/sql_version.h)\n";
		$errors++;
	}
	close($file);
	return;
}

find({ no_chdir => 1, wanted => \&look_at }, "$top/src");
exit($errors > 0);
