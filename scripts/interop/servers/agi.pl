#!/usr/bin/perl
# A FastAGI server by Asterisk::AGI on Net::Server that serves one call after the other: agi.pl BACKLOG
package Serial;
use strict;
use warnings;
use base 'Net::Server';
use Asterisk::AGI;

sub process_request {
	my $agi = Asterisk::AGI->new;
	$agi->ReadParse;
	$agi->verbose('served by Asterisk::AGI', 1);
	select undef, undef, undef, 0.001;
}

__PACKAGE__->run(
	host => '0.0.0.0', port => 4573, proto => 'tcp', ipv => 4, listen => $ARGV[0],
	log_level => 0, no_client_stdout => 0,
);
