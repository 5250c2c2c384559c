
# F05: nobody kills a worker with SIGKILL, which would restart the whole server: no source file sends it.  A worker that is
# slow to leave is asked, waited for, and then cancelled or terminated by signals that it handles.  The gateway is no
# process of the server: its parent may kill it.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Find;
use PostgreSQL::Test::Utils;
use Test::More;

my $source = dirname(__FILE__) . '/../../src';
my (@found, @files);

find(sub {
	return unless /\.[ch]$/;
	push @files, $File::Find::name;
	return if $_ eq 'gateway_child.c';
	my $text = PostgreSQL::Test::Utils::slurp_file($_);
	push @found, $File::Find::name if $text =~ /SIGKILL|\bkill\s*\([^,]*,\s*9\s*\)/;
}, $source);
cmp_ok(scalar(@files), '>', 50, 'the sources are there');
is("@found", '', 'none sends SIGKILL');

done_testing();
