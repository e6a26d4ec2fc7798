package model

import "time"

// Machine is the CPU time that both sides take. The zero value takes none, and gives each client a host and each
// handler a machine of its own. With any other, one thread plays all clients and fires at all of them the timers of one
// kernel, as this project's generator does.
type Machine struct {
	// CPUs that clients and server share: one is for the clients and the packets, the others are for the server; of a
	// single one both have a part.
	CPUs int
	// Of the clients' thread: Connect is one connect(2), with the whole handshake on a wire without delay; Settle reads
	// what the kernel says of a connection; FirstLine writes the first line and Environment the others, Held where they
	// wait for the first one's acknowledgement; OneWrite is the whole environment at once; Reply reads a command and
	// answers; Leave closes.
	Connect, Settle, FirstLine, Environment, Held, OneWrite, Reply, Leave time.Duration
	// Of the kernel, for packets that are not sent by a connect(2): a SYN with its answer, and an ACK.
	SYN, ACK time.Duration
	// Of a thread of the server: Wake is the time from an event until an idle thread runs; Accept takes one connection,
	// Read reads once, and Command sends one.
	Wake, Accept, Read, Command time.Duration
}

// ReferenceMachine is this project's own generator and target on the machine on which the model was measured: Linux 6.18,
// two CPUs of a virtual machine at about 2.5 GHz, over a veth pair.
func ReferenceMachine() Machine {
	return Machine{
		CPUs:    2,
		Connect: 22 * time.Microsecond, Settle: 3 * time.Microsecond, FirstLine: 13 * time.Microsecond,
		Environment: 330 * time.Microsecond, Held: 30 * time.Microsecond, OneWrite: 25 * time.Microsecond,
		Reply: 25 * time.Microsecond, Leave: 15 * time.Microsecond,
		SYN: 6 * time.Microsecond, ACK: 4500 * time.Nanosecond,
		Wake: 40 * time.Microsecond, Accept: 18 * time.Microsecond, Read: 8 * time.Microsecond,
		Command: 22 * time.Microsecond,
	}
}
