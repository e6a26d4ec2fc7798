// Package command runs a server that others wrote, by the command that starts it, and follows it and its
// children from the first listening socket to the end. Linux only.
package command

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
	"unicode"

	"agistorm/target/probe"
)

// The backlog that a server is asked to take is handed to it in its arguments and in its environment.
const (
	// Placeholder in an argument is replaced by the backlog.
	Placeholder = "{backlog}"
	// Variable of the environment has the backlog.
	Variable = "AGISTORM_BACKLOG"
)

// Config of a server.
type Config struct {
	// Argv is the program with its arguments. A name without a slash is searched in PATH.
	Argv []string
	// Backlog for Placeholder and Variable.
	Backlog int
	// Port to listen on; 0 is the only one that appears.
	Port uint16
	// Wait is how long the server may take until it listens.
	Wait time.Duration
	// UID and GID to run as, where this process is a mapped root of a user namespace; negative to run as this
	// process.
	UID, GID int
	// Grace is what the server gets to end by itself after SIGTERM; 0 is DefaultGrace.
	Grace time.Duration
}

// DefaultGrace is as long as it takes nginx and gunicorn to end their workers, several times over.
const DefaultGrace = 5 * time.Second

// TakesBacklog reports whether the backlog is among the arguments.
func TakesBacklog(argv []string) bool {
	for _, arg := range argv {
		if strings.Contains(arg, Placeholder) {
			return true
		}
	}
	return false
}

// Line writes the program with its arguments as a shell takes them.
func Line(argv []string) string {
	var words []string
	for _, word := range argv {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool {
			return !strings.ContainsRune("{}@%+=:,./-_", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// arguments are those of the configuration with the backlog in its place.
func (c *Config) arguments() []string {
	var argv []string
	for _, arg := range c.Argv {
		argv = append(argv, strings.ReplaceAll(arg, Placeholder, strconv.Itoa(c.Backlog)))
	}
	return argv
}

// Listening is how a server listens.
type Listening struct {
	// Address to connect to. It is one of loopback where the server listens on loopback only.
	Address netip.AddrPort
	// Sockets of the port, in the order of their inodes.
	Sockets []probe.Listener
	// Daemonised: the process that was started has ended, and its children serve.
	Daemonised bool
}

// Loopback reports whether no other host could connect.
func (l *Listening) Loopback() bool {
	for i := range l.Sockets {
		if !l.Sockets[i].Loopback() {
			return false
		}
	}
	return true
}

// Effective is the smallest effective backlog of the sockets.
func (l *Listening) Effective() int {
	least := l.Sockets[0].Limit
	for i := range l.Sockets {
		least = min(least, l.Sockets[i].Limit)
	}
	return int(least)
}

// Exit is how a server's process ended, or what stopped it.
type Exit struct {
	// Code of an exit; meaningless after a signal.
	Code int `json:"code"`
	// Signal that ended or stopped it, such as "killed"; empty after an exit.
	Signal string `json:"signal,omitempty"`
	// Stopped: the process is still there, and runs no more.
	Stopped bool `json:"stopped,omitempty"`
}

// String is "exit status 1", "signal: killed" or "stopped by signal: stopped (signal)".
func (e Exit) String() string {
	switch {
	case e.Stopped:
		return "stopped by signal: " + e.Signal
	case e.Signal != "":
		return "signal: " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// Failures of Start and Listen. The error that wraps one says more.
var (
	ErrNotFound     = errors.New("command not found")
	ErrEnded        = errors.New("the command ended before it listened")
	ErrSilent       = errors.New("the command does not listen")
	ErrSeveralPorts = errors.New("the command listens on several ports")
)

// startError says why a program cannot be started.
func startError(name string, err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	return fmt.Errorf("starting %s: %w", name, err)
}
