package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"agistorm/target/netns"
)

// get prints what a URL has: agistorm-get URL. Not every machine has curl.
func get() {
	answer, err := http.Get(os.Args[1])
	if err == nil {
		defer answer.Body.Close()
		_, err = io.Copy(os.Stdout, answer.Body)
	}
	end(err)
}

// inside is the variable by which innetns knows that it is in the namespace.
const inside = "AGISTORM_TEST_INSIDE"

// innetns runs a command in a fresh network namespace with its loopback up: innetns COMMAND ARGUMENT…
func innetns() {
	if os.Getenv(inside) != "" {
		if err := netns.LoopbackUp(); err != nil {
			end(err)
		}
		end(pass(exec.Command(os.Args[1], os.Args[2:]...)))
	}
	os.Setenv(inside, "1")
	again := exec.Command("/proc/self/exe", os.Args[1:]...)
	again.Args[0] = os.Args[0]
	again.SysProcAttr = netns.Attributes(mode())
	end(pass(again))
}

// mode is root's namespace for root, else one of the user's own.
func mode() netns.Mode {
	if os.Geteuid() == 0 {
		return netns.Net
	}
	return netns.User
}

// pass runs a command with this program's input and output.
func pass(c *exec.Cmd) error {
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return c.Run()
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// namespaces reports whether this machine lets these tests have one.
func namespaces() bool {
	try := exec.Command("true")
	try.SysProcAttr = netns.Attributes(mode())
	return try.Run() == nil
}

// freePort sets a variable to a port of loopback that is free now: freeport NAME.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}

// awaitListener waits until something listens on a port of this host, which it learns without a connection:
// awaitlistener PORT.
func awaitListener(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awaitlistener PORT")
	}
	port, err := strconv.Atoi(args[0])
	ts.Check(err)
	// A line of the kernel's: "  0: 0100007F:11DD 00000000:0000 0A …", where 0A is TCP_LISTEN.
	listener := regexp.MustCompile(fmt.Sprintf(`(?m)^ *\d+: [0-9A-F]+:%04X [0-9A-F]+:0000 0A `, port))
	for range 1000 {
		sockets, err := os.ReadFile("/proc/net/tcp")
		if err != nil || listener.Match(sockets) { // another system does not tell
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("nothing listens on port %d", port)
}
