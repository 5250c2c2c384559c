
# The machine of the demo (test/demo), tested as its users would: its SQL is done, payment service and manager are mocked, a
# day passes in no time (docs/guide/testing.md).

use strict;
use warnings;

use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $demo = dirname(__FILE__) . '/../demo';
my $node = sfn_node('demo_machine', create => 0);
my $receipt = '{"result": {"ResponseBody": {"receipt": "R-1"}, "StatusCode": 200}}';

$node->safe_psql('postgres', 'CREATE ROLE manager; CREATE DATABASE shop; ALTER DATABASE shop SET sfn.enabled = off');
$node->safe_psql('shop', 'CREATE EXTENSION sfn');
my ($code, undef, $err) = $node->psql('shop', slurp_file("$demo/shop.sql"), on_error_stop => 1, extra_params => [
		'-v', 'definition=' . slurp_file("$demo/order.asl.json"), '-v', 'payments=https://payments.example.com' ]);
is($code, 0, 'the shop opens') or diag($err);

# Places an order, answers what leaves the database, and tells what became of it; all is rolled back.
sub outcome
{
	my ($mocks, $sku, $quantity) = @_;
	return $node->safe_psql('shop', qq{
		BEGIN;
		SET LOCAL sfn.test_now = '2030-01-01 00:00:00+00';
		SET LOCAL sfn.test_mocks = '$mocks';
		INSERT INTO shop.orders (customer, sku, quantity) VALUES ('Ada', '$sku', $quantity);
		\\o /dev/null
		SELECT sfn.run_until_idle();
		\\o
		SELECT o.status, e.status, e.error, extract(epoch FROM e.stop_date - e.start_date)::int, p.label, p.receipt, s.stock
		FROM sfn.executions e, shop.product s, shop.orders o LEFT JOIN shop.parcel p ON p.order_id = o.id WHERE s.sku = o.sku;
		ROLLBACK});
}

is(outcome(qq({"Pay": $receipt}), 'teapot', 2), 'shipped|SUCCEEDED||1|2 x teapot for Ada|R-1|8', 'an order is paid and shipped');
is(outcome(qq({"Pay": [{"error": "States.Http.StatusCode.503"}, {"error": "States.Http.StatusCode.503"}, $receipt]}), 'teapot', 1),
	'shipped|SUCCEEDED||3|1 x teapot for Ada|R-1|9', 'a payment service that is away is asked again');
is(outcome(qq({"Pay": {"error": "States.Http.StatusCode.402", "cause": "no money"}}), 'teapot', 2),
	'cancelled|FAILED|States.Http.StatusCode.402|0|||10', 'without money the stock is put back');
is(outcome('{}', 'kettle', 4), 'refused|FAILED|OutOfStock|0|||3', 'what there is not is refused');
is(outcome(qq({"Pay": $receipt, "Ask the manager": {"result": {}, "seconds": 3600}}), 'teapot', 8),
	'shipped|SUCCEEDED||3601|8 x teapot for Ada|R-1|2', 'a large order waits for the manager');
is(outcome(qq({"Pay": $receipt, "Ask the manager": {"error": "Refused", "cause": "too much"}}), 'teapot', 8),
	'cancelled|FAILED|Refused|0|||10', 'who may refuse it');
is(outcome(qq({"Pay": $receipt}), 'teapot', 8), 'cancelled|FAILED|States.Timeout|86400|||10', 'and who has a day');

$node->stop;
done_testing();
