#!/usr/bin/perl
# A FastAGI server by Asterisk::AGI on Net::Server's prefork: server.pl SESSIONS-FILE
#
# That is all that Asterisk::FastAGI is, which Debian does not have: a child of Net::Server::PreFork, whose calls
# are Asterisk::AGI's with the connection as standard input and output. It listens on a free port of the
# loopback and prints it. Of each session that was whole it appends a line to the file: the
# call's id and every result.
package Interop;
use strict;
use warnings;
use base 'Net::Server::PreFork';
use Asterisk::AGI;

my ($sessions) = @ARGV;

sub pre_loop_hook {
	my ($self) = @_;
	syswrite STDOUT, $self->{server}{sock}[0]->sockport . "\n";
}

sub process_request {
	my $agi = Asterisk::AGI->new;
	my %call = $agi->ReadParse;
	my @results = $agi->verbose('interop with Asterisk::AGI', 1);
	push @results, $agi->get_variable('QUEUE');
	push @results, $agi->set_variable('SERVED', 'by Asterisk::AGI');
	push @results, $agi->get_variable('SERVED');
	open my $file, '>>', $sessions or die "$sessions: $!";
	syswrite $file, join('|', $call{uniqueid}, map { $_ // '' } @results) . "\n";
	close $file;
}

# As many children as Asterisk::FastAGI's manual has; further calls wait in the accept queue.
__PACKAGE__->run(
	host => '127.0.0.1', port => 0, proto => 'tcp', ipv => 4, listen => 1024,
	min_servers => 5, max_servers => 50, min_spare_servers => 2, max_spare_servers => 10,
	max_requests => 1000, log_level => 0, no_client_stdout => 0,
);
