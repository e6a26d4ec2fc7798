package main

import "strings"

// span is what a real server had of one kind of calls, over its storms; both ends belong to it.
type span struct{ least, most int }

// exactly is a span of one number.
func exactly(n int) *span { return &span{n, n} }

// server is a preset, and what the real server did with the same storm.
type server struct {
	// flags of serve.
	flags []string
	// calls at once, each with 5 ms of work, unless the flags have another.
	calls int
	// what the real server had of them; nil is not known.
	real [kinds]*span
}

func (s *server) name() string { return strings.Join(s.flags, " ") }

// servers are those whose real ones were stormed, with the backlog and limits of their own sources, on Linux
// 6.18 with 2 CPUs. The numbers of starpy and panoramisk were measured with a reactor of Twisted 22.4 and an
// event loop of asyncio, both on Python 3.11, whose script waits 5 ms without blocking and sends two
// commands, and with the generator of this version. With the generator of 0.1.0 both served 500 of 500: it
// wrote all environments before it answered any call, so the server had time to accept.
var servers = []server{
	{[]string{"--like", "pyst2"}, 500, [kinds]*span{{25, 43}, {320, 458}, {0, 148}}},
	{[]string{"--like", "starpy"}, 500, [kinds]*span{{149, 443}, {57, 351}, exactly(0)}},
	{[]string{"--like", "starpy", "--behaviour", "loop"}, 500, [kinds]*span{served: {312, 383}}},
	{[]string{"--like", "panoramisk"}, 500, [kinds]*span{{203, 447}, {53, 297}, exactly(0)}},
	{[]string{"--like", "ding-dong"}, 500, [kinds]*span{exactly(500), exactly(0), exactly(0)}},
	{[]string{"--like", "exfastagi"}, 500, [kinds]*span{served: exactly(302), noScript: exactly(198)}},
	{[]string{"--like", "asterisk-java", "--work", "3s"}, 1000,
		[kinds]*span{served: exactly(500), noScript: exactly(500)}},
	{[]string{"--like", "phpagi-xinetd"}, 300, [kinds]*span{exactly(50), exactly(24), exactly(226)}},
}
