#!/usr/bin/perl
#
# relation_callbacks.pl
#	  Checks that the server's callbacks for changed relations are registered in one place.
#
# A process has ten, for the server and all extensions; src/server/shared/relation_watch.c takes one for all of ours.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find;

my $top = dirname(__FILE__) . '/../..';
my $errors = 0;
find(
	sub {
		return unless /\.c$/ && $_ ne 'relation_watch.c';
		open(my $file, '<', $_) or die "$File::Find::name: $!\n";
		while (<$file>)
		{
			next unless /\bCacheRegisterRelcacheCallback\(/;
			print STDERR "$File::Find::name:$.: use relation_watch(), the server has few places for such callbacks\n";
			$errors++;
		}
	},
	"$top/src");
exit($errors ? 1 : 0);
