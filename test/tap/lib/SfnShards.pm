
=head1 NAME

SfnShards - several databases with sfn behind one front

=head1 SYNOPSIS

  use SfnShards;

  my $node = sfn_node('front', create => 0, conf => shards_conf());
  plan skip_all => ... unless have_proxy($node);
  make_front($node);                                 # database "front", with sfn_proxy
  add_shards($node, 'front', $node, 's0', 's1');     # databases of a server become shards
  on_front($node, 'SELECT ...', 'alice');

=cut

package SfnShards;

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

use Exporter 'import';
our @EXPORT = qw(have_proxy shards_conf make_front add_shards on_front front_error);

=head2 have_proxy($node), shards_conf()

Is PL/Proxy installed? Lines for the configuration of a server with several shards.

=cut

sub have_proxy
{
	my ($node) = @_;
	return $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name IN ('plproxy', 'sfn_proxy')}) eq '2';
}

sub shards_conf
{
	return "max_worker_processes = 40\nmax_connections = 100\n";
}

=head2 make_front($node), add_shards($front, $node, @databases)

The database of the front; new databases of a server as its shards, with a login of theirs for the front.

=cut

sub make_front
{
	my ($node) = @_;
	$node->safe_psql('postgres', 'CREATE DATABASE front');
	$node->safe_psql('front', 'CREATE EXTENSION sfn_proxy CASCADE');
	return;
}

sub add_shards
{
	my ($front, $node, @databases) = @_;

	$node->safe_psql('postgres', q{SELECT 'CREATE ROLE sfn_front LOGIN' WHERE to_regrole('sfn_front') IS NULL \gexec});
	foreach my $database (@databases)
	{
		$node->safe_psql('postgres', "CREATE DATABASE $database");
		$node->safe_psql($database, q{CREATE EXTENSION sfn; SELECT sfn.allow_gateway('sfn_front')});
		$front->safe_psql('front', sprintf q{CALL sfn_proxy.add_shard('host=%s port=%s dbname=%s user=sfn_front')}, $node->host, $node->port, $database);
	}
	return;
}

=head2 on_front($front, $sql, $role), front_error($front, $sql, $role)

What a statement gives there; the error that it raises, as "SQLSTATE: text".

=cut

sub on_front
{
	my ($front, $sql, $role) = @_;
	return $front->safe_psql('front', $sql, extra_params => $role ? [ '-U', $role ] : []);
}

sub front_error
{
	my ($front, $sql, $role) = @_;
	my (undef, undef, $error) = $front->psql('front', "\\set VERBOSITY verbose\n$sql", extra_params => $role ? [ '-U', $role ] : []);
	my ($state, $text) = $error =~ /ERROR:  (\w{5}): (.*)/;
	return defined $state ? "$state: $text" : $error;
}

1;
