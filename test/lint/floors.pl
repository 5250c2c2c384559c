#!/usr/bin/perl
#
# floors.pl [--table]
#	  Checks that every #include goes to the own folder or upwards in floors.txt, and that the table of folders in
#	  docs/architecture.md says the same.  --table prints that table.
#
# An error names file, line and rule.  Run from the project's top folder or by "make lint".
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find;

my $top = dirname(__FILE__) . '/../..';
my $list = 'test/lint/floors.txt';
my $page = 'docs/architecture.md';
my (@folders, %floor);
my $errors = 0;

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

sub read_floors
{
	for my $line (split /\n/, slurp($list))
	{
		next if $line =~ /^\s*(#|$)/;
		my ($folder, $only, $what) = $line =~ /^(\S+)\s*\|\s*(?:\[([^]]*)\])?\s*\|\s*(.+)$/ or die "$list: cannot read: $line\n";
		$floor{$folder} = { number => scalar @folders, only => [ split ' ', $only // '' ], what => $what };
		push @folders, $folder;
	}
}

sub folder_of
{
	my ($path) = @_;
	return dirname($path);
}

# The header that an include names, relative to src/; undef: none of ours.
sub resolve
{
	my ($from, $name) = @_;
	for my $base ('core', 'server', '.', folder_of($from))
	{
		my $path = $base eq '.' ? $name : "$base/$name";
		return $path if -f "$top/src/$path";
	}
	return undef;
}

# Why this folder may not include from that one; undef: it may.
sub problem
{
	my ($from, $to) = @_;
	return undef if $from eq $to;
	my @only = @{ $floor{$from}{only} };
	return "$from includes only from @only"
		if @only && !grep { $to eq $_ || index($to, "$_/") == 0 } @only;
	return "$to does not stand above $from" if $floor{$to}{number} > $floor{$from}{number};
	return undef;
}

sub check_file
{
	my ($path) = @_;
	my $from = folder_of($path);
	my $number = 0;

	return complain("src/$path:1: the folder $from is not in $list") unless $floor{$from};
	for my $line (split /\n/, slurp("src/$path"))
	{
		$number++;
		my ($name) = $line =~ /^\s*#\s*include\s+"([^"]+)"/ or next;
		my $target = resolve($path, $name) // next;
		my $to = folder_of($target);
		my $why = $floor{$to} ? problem($from, $to) : "the folder $to is not in $list";
		complain("src/$path:$number: #include \"$name\": $why ($list)") if defined $why;
	}
	if ($path =~ /\.h$/ && $path !~ /_(list|table)\.h$/)
	{
		my $guard = 'SFN_' . uc($path =~ s{^(core|server)/}{}r =~ s/[^A-Za-z0-9]/_/gr);
		complain("src/$path:1: the include guard should be $guard") unless slurp("src/$path") =~ /^#ifndef \Q$guard\E$/m;
	}
}

sub table
{
	my $text = "| folder | what stands there |\n|---|---|\n";
	$text .= "| `src/$_` | $floor{$_}{what} |\n" for @folders;
	return $text;
}

read_floors();
if (@ARGV && $ARGV[0] eq '--table')
{
	print table();
	exit 0;
}
my @files;
find({ no_chdir => 1, wanted => sub { push @files, $1 if m{^\Q$top\E/src/(.+\.[ch])$} } }, "$top/src");
check_file($_) for sort @files;
complain("$page: the table of folders is not that of $list; test/lint/floors.pl --table prints it")
	unless index(slurp($page), table()) >= 0;
exit($errors ? 1 : 0);
