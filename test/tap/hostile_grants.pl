
# Rights that outlive their owner: nobody keeps a hold on what has gone to another role, and nobody finds himself the
# owner of a name that a stranger has prepared.  Each exploit that succeeds makes the attacker superuser.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('hostile_grants');

sub as { return psql_as($node, @_) }

sub refused
{
	my ($role, $sql, $why) = @_;
	my ($code, $out, $err) = as($role, $sql);
	ok($code != 0 && $err =~ $why, "$role: $sql") or diag("out: $out, err: $err");
}

sub done
{
	my ($role, $sql, $says) = @_;
	my ($code, $out, $err) = as($role, $sql);
	ok($code == 0 && $err =~ ($says // qr/\A\z/), "$role: $sql") or diag("out: $out, err: $err");
}

my $nothing = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';

$node->safe_psql('postgres', q{
	CREATE ROLE squatter LOGIN; CREATE ROLE helper LOGIN; CREATE ROLE app LOGIN; CREATE ROLE team;
	CREATE ROLE deployer LOGIN IN ROLE app, squatter;
	CREATE ROLE heirless LOGIN NOINHERIT IN ROLE app;
});

#
# A grant on a machine whose role changes.
#
done('squatter', "SELECT sfn.create_state_machine('payroll', '$nothing')");
done('squatter', "SELECT sfn.grant_state_machine('payroll', 'squatter', 'manage'), sfn.grant_state_machine('payroll', 'helper', 'manage')");
refused('postgres', "SELECT sfn.create_state_machine('payroll', '$nothing', role => 'postgres', replace => true)",
	qr/state machine "payroll" belongs to role "squatter"\n.*created by role "squatter"\.\n.*update_state_machine\('payroll', role => 'postgres'\)/);
refused('postgres', "SELECT sfn.create_state_machine('payroll', '$nothing', replace => true)", qr/belongs to role "squatter"/);
done('postgres', "SELECT sfn.update_state_machine('payroll', role => 'postgres')",
	qr/NOTICE:  rights on state machine "payroll" end: manage of role helper, manage of role squatter\n/);
is($node->safe_psql('postgres', 'SELECT count(*) FROM sfn.state_machine_grants'), '0', 'no grant is left');
refused($_, "SELECT sfn.update_state_machine('payroll', '$nothing')", qr/permission denied/) foreach 'squatter', 'helper';

# who asks for it keeps them
done('squatter', "SELECT sfn.create_state_machine('kept', '$nothing'), sfn.grant_state_machine('kept', 'helper', 'see')");
refused('app', "SELECT sfn.update_state_machine('kept', role => 'app', keep_grants => true)", qr/permission denied/);
done('deployer', "SELECT sfn.update_state_machine('kept', role => 'app', keep_grants => true)");
is($node->safe_psql('postgres', q{SELECT grantee, privilege, grantor FROM sfn.state_machine_grants}),
	'helper|see|squatter', 'kept by a member of both roles, with the grantor');
done('deployer', "SELECT sfn.create_state_machine('kept', '$nothing', role => 'squatter', replace => true)", qr/rights on state machine "kept" end: see of role helper/);

# managing is not owning
done('app', "SELECT sfn.create_state_machine('apps', '$nothing'), sfn.grant_state_machine('apps', 'helper', 'manage')");
refused('helper', "SELECT sfn.update_state_machine('apps', role => 'helper')", qr/must be member of role "app"/);
refused('helper', "SELECT sfn.grant_state_machine('apps', 'helper', 'start')", qr/must be member of role "app"/);
refused('helper', "SELECT sfn.create_state_machine('apps', '$nothing', replace => true)", qr/belongs to role "app"/);

# things of a role are for those who have its privileges; a machine goes to a role by those who may become it
refused('heirless', "SELECT sfn.update_state_machine('apps', '$nothing')", qr/permission denied/);
done('heirless', "SET ROLE app; SELECT sfn.update_state_machine('apps', '$nothing')");
done('heirless', "SELECT sfn.create_state_machine('given', '$nothing', role => 'app')");

#
# Names that a stranger has prepared are not filled by an administrator.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION public.pay(json) RETURNS json LANGUAGE sql AS 'SELECT $1';
	CREATE ROLE files LOGIN IN ROLE pg_read_server_files, pg_write_server_files;
});
my $credentials = '{"BasicAuthParameters": {"Username": "u", "Password": "p"}}';
my %made = (
	"function name" => "SELECT sfn.create_function('prepared', 'public.pay(json)'::regprocedure)",
	"connection" => "SELECT sfn.create_connection('prepared', 'BASIC', '$credentials', replace => true)",
	"activity" => "SELECT sfn.create_activity('prepared')");
foreach my $kind (sort keys %made)
{
	done('squatter', $made{$kind});
	done('squatter', $made{$kind});
	refused($_, $made{$kind}, qr/permission denied for $kind "prepared"\n.*belongs to role "squatter"/) foreach 'postgres', 'app';
}
done('files', "SELECT sfn.create_bucket('prepared', 'https://x.example/')") foreach 1, 2;
refused('postgres', "SELECT sfn.create_bucket('prepared', 'https://y.example/')", qr/permission denied for bucket "prepared"\n.*belongs to role "files"/);
refused('squatter', "SELECT sfn.delete_bucket('prepared')", qr/permission denied/);

# replacing leaves the owner
done('deployer', $made{'function name'});
is($node->safe_psql('postgres', q{SELECT owner FROM sfn.function}), 'squatter', 'a member replaces for the owner');

# superusers delete, and make anew
foreach my $drop ("delete_function('prepared')", "delete_connection('prepared')", "delete_activity('prepared')", "delete_bucket('prepared')")
{
	refused('app', "SELECT sfn.$drop", qr/permission denied/);
	done('postgres', "SELECT sfn.$drop");
}
done('postgres', $made{$_}) foreach sort keys %made;

$node->stop;
done_testing();
