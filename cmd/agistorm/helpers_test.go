package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"

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

// inside tells innetns that it is there.
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

// namespaces tells whether this machine lets these tests have one.
func namespaces() bool {
	try := exec.Command("true")
	try.SysProcAttr = netns.Attributes(mode())
	return try.Run() == nil
}

// freePort sets a variable to a port of loopback that nobody has now: freeport NAME.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}
