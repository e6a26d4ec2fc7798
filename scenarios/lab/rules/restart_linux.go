package rules

import (
	"os"

	"golang.org/x/sys/unix"
)

// migrateRequests is a sysctl of Linux 5.14 and later.
const migrateRequests = "net.ipv4.tcp_migrate_req"

// restartRules holds those about a server that closes one of several sockets of a port, as at a restart.
var restartRules = []Rule{
	{
		Name: "migrate-req",
		Statement: "Closing one of several sockets that share a port resets its queued connections; with " +
			"tcp_migrate_req 1 they move to another socket",
		own:     true,
		Source:  "net/ipv4/inet_connection_sock.c, inet_csk_listen_stop; net/core/sock_reuseport.c, reuseport_migrate_sock",
		measure: migrateQueue,
	},
}

// migrateQueue closes one of two sockets, without tcp_migrate_req and with it.
func migrateQueue(s *site) Finding {
	var found []restart
	for value := range 2 {
		s.set(migrateRequests, value)
		found = append(found, restartOne())
	}
	return judgeMigrated(found[0], found[1])
}

// restart is what became of the connections when one of two sockets of a port was closed.
type restart struct {
	// queued at the socket that was closed; of them were reset, and moved to the other.
	queued, reset, moved int
}

func restartOne() restart {
	closing := listenWith(0, true, 64)
	other := listenWith(closing.port, true, 64)
	// The kernel chooses by a hash of the addresses: 32 connects miss one of two once in 10^9 times.
	const connects = 32
	var clients []*client
	for range connects {
		clients = append(clients, closing.connect())
	}
	await(settle, func() bool { return closing.depth()+other.depth() == connects })
	queued, before := closing.depth(), other.depth()
	check(os.NewSyscallError("close", unix.Close(closing.fd)))
	done := restart{queued: queued}
	await(settle, func() bool {
		done.moved = other.depth() - before
		for _, c := range clients {
			if c.failure() == "reset" { // which the socket forgets then
				done.reset++
			}
		}
		return done.moved+done.reset >= queued
	})
	return done
}

// judgeMigrated requires all to be reset without tcp_migrate_req, and all to be moved with it.
func judgeMigrated(without, with restart) Finding {
	const words = "0: %d of %d reset, %d moved; 1: %d of %d reset, %d moved"
	f := compare(words, []any{without.queued, without.queued, 0, 0, with.queued, with.queued},
		[]any{without.reset, without.queued, without.moved, with.reset, with.queued, with.moved})
	f.Holds = f.Holds && without.queued > 0 && with.queued > 0
	return f
}
