package model

import "time"

// Machine is the CPU time that both sides take. Where the clients' thread takes none, each client has a host of its
// own; else one thread plays all clients, and the timers of one kernel fire at all of them, as of this project's
// generator. The zero value takes no time at all.
type Machine struct {
	// CPUs that clients and server share: one is for the clients' thread, the others are for the server; of a single
	// one both have a part.
	CPUs int
	// Of the clients' thread: Connect is one connect(2), and Handshake what it takes longer where the whole handshake
	// is over within it; Settle reads what the kernel says of a connection; FirstLine writes the first line, and
	// Environment the others, or Held where they wait for the first one's acknowledgement; OneWrite is the whole
	// environment at once; Reply reads a command and answers; Leave closes.
	Connect, Handshake, Settle, FirstLine, Environment, Held, OneWrite, Reply, Leave time.Duration
	// Of the kernel, for packets that are not taken within a system call: Timer sends one, SYN answers a SYN, Made is
	// an ACK that makes a connection, and Other any other packet.
	Timer, SYN, Made, Other time.Duration
	// Wake is the time from an event until an idle thread runs, and DeepWake where it was idle for Nap or longer: a
	// virtual CPU is given away by then. 0 is no such time.
	Wake, DeepWake, Nap time.Duration
	// Switch is the CPU time of such a wake-up.
	Switch time.Duration
	// Of a thread of the server: Accept takes one connection, Read reads once, and Command sends one.
	Accept, Read, Command time.Duration
	// Files is the size of the server's table of descriptors, and Used how many it has beside its connections,
	// sockets and threads. When the table is full its size doubles, and a thread that wants a descriptor waits for a
	// grace period of the kernel's RCU (fs/file.c, expand_fdtable), from GraceLeast to GraceMost. 0 is a table
	// without end.
	Files, Used           int
	GraceLeast, GraceMost time.Duration
}

// ReferenceMachine is this project's own generator and target on the machine on which the model was measured: Linux
// 6.18, two CPUs of a virtual machine, over a veth pair.
func ReferenceMachine() Machine {
	const us = time.Microsecond
	return Machine{
		CPUs:    2,
		Connect: 5500, Handshake: 8500, Settle: 2500, FirstLine: 3500, Environment: 55 * us, Held: 7 * us,
		OneWrite: 12 * us, Reply: 10 * us, Leave: 9 * us,
		Timer: 2200, SYN: 3300, Made: 4700, Other: 1600,
		Wake: 15 * us, DeepWake: 45 * us, Nap: 200 * us, Switch: 15 * us,
		Accept: 7 * us, Read: 6 * us, Command: 14 * us,
		Files: 256, Used: 9, GraceLeast: 4 * time.Millisecond, GraceMost: 16 * time.Millisecond,
	}
}

// ServerOnly is the machine of a server alone: each client has a host of its own.
func (m Machine) ServerOnly() Machine {
	return Machine{
		CPUs: m.CPUs, Wake: m.Wake, DeepWake: m.DeepWake, Nap: m.Nap, Switch: m.Switch,
		Accept: m.Accept, Read: m.Read, Command: m.Command,
		Files: m.Files, Used: m.Used, GraceLeast: m.GraceLeast, GraceMost: m.GraceMost,
	}
}

// oneClient reports whether one thread plays all clients.
func (m *Machine) oneClient() bool {
	return m.Connect+m.Handshake+m.Settle+m.FirstLine+m.Environment+m.Held+m.OneWrite+m.Reply+m.Leave > 0
}

// wake is the time from an event at now until a thread runs that has been idle since.
func (m *Machine) wake(now, since time.Duration) time.Duration {
	if m.Nap > 0 && now-since >= m.Nap {
		return m.DeepWake
	}
	return m.Wake
}
