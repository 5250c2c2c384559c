#!/usr/bin/perl
#
# payments.pl
#	  The payment service of the demo: an HTTP server on a free port of 127.0.0.1, which it prints.
#
# POST /charges with {"order_id", "customer", "amount"} answers 200 and a receipt, or 402 when the customer has not that
# much.  The first call for each order is answered 503 with Retry-After, as busy services do.  A call with an
# Idempotency-Key that was paid already is answered with the same receipt and costs nothing.
# The server ends with the process that started it, or by a signal.
use strict;
use warnings;
use IO::Socket::INET;

my %balance = (alice => 200, bob => 30, carol => 500);
my %busy;        # orders that were sent away once
my %receipts;    # idempotency key -> receipt
my $parent = getppid();

# Head and body of the request; nothing when it is too large or the client has gone.
sub read_request
{
	my ($client) = @_;
	my $request = '';

	while ($request !~ /\r\n\r\n/)
	{
		return if length $request > 65536 || !sysread $client, $request, 8192, length $request;
	}
	my ($head, $body) = split /\r\n\r\n/, $request, 2;
	my $length = $head =~ /^Content-Length:\s*(\d+)/mi ? $1 : 0;
	while (length $body < $length)
	{
		return if $length > 65536 || !sysread $client, $body, 8192, length $body;
	}
	return ($head, $body);
}

# Status line, further headers, body.
sub charge
{
	my ($head, $body) = @_;
	my ($key) = $head =~ /^Idempotency-Key:\s*(\S+)/mi;
	my ($order) = $body =~ /"order_id"\s*:\s*(\d+)/;
	my ($customer) = $body =~ /"customer"\s*:\s*"(\w+)"/;
	my ($amount) = $body =~ /"amount"\s*:\s*([\d.]+)/;

	return ('404 Not Found', '', '{}') unless $head =~ m{^POST /charges };
	return ('400 Bad Request', '', '{}') unless defined $order && defined $customer && defined $amount;
	return ('503 Service Unavailable', "Retry-After: 2\r\n", '{}') unless $busy{$order}++;
	return ('200 OK', '', $receipts{$key}) if defined $key && $receipts{$key};
	return ('402 Payment Required', '', '{}') if ($balance{$customer} // 0) < $amount;

	$balance{$customer} -= $amount;
	my $receipt = sprintf '{"receipt": "R-%04d", "paid": %s}', 1001 + keys %receipts, $amount;
	$receipts{ $key // "order $order" } = $receipt;
	return ('200 OK', '', $receipt);
}

my $server = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1', Timeout => 1) or die "payments.pl: $@\n";
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { die "a client is too slow\n" };
$| = 1;
print $server->sockport, "\n";

while (getppid() == $parent)
{
	my $client = $server->accept or next;
	eval {
		alarm 5;
		my ($head, $body) = read_request($client);
		if (defined $head)
		{
			my ($status, $headers, $answer) = charge($head, $body);
			print $client "HTTP/1.1 $status\r\nContent-Type: application/json\r\n${headers}Content-Length: ", length $answer,
				"\r\nConnection: close\r\n\r\n$answer";
		}
	};
	alarm 0;
	close $client;
}
