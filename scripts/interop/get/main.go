// Command get prints what a URL has, or with --port a port of loopback that is free now: not every machine
// has curl.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"agistorm/scripts/internal/program"
)

func main() {
	program.Main("get", func(args []string, stdout io.Writer) ([]string, error) { return nil, run(args, stdout) })
}

func run(args []string, out io.Writer) error {
	switch {
	case len(args) != 1:
		return errors.New("usage: get URL | --port")
	case args[0] == "--port":
		return freePort(out)
	}
	answer, err := http.Get(args[0])
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", args[0], answer.Status)
	}
	_, err = io.Copy(out, answer.Body)
	return err
}

func freePort(out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	_, err = fmt.Fprintln(out, l.Addr().(*net.TCPAddr).Port)
	return err
}
