//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// files that commands of documents name.
var files = map[string]string{
	"server":     "#!/bin/sh\nexec agistorm serve --listen 127.0.0.1:4573 >/dev/null\n",
	"agi-server": "#!/bin/sh\nexec agistorm serve --backlog \"$2\" >/dev/null\n",
	"gunicorn":   "#!/bin/sh\nexec agistorm serve --listen 127.0.0.1:8000 --backlog \"$2\" >/dev/null\n",
	"nginx":      "#!/bin/sh\nexec agistorm serve --listen 127.0.0.1:8000 >/dev/null\n",
	"my.yaml": "name: my\nstorm: {calls: 40}\nsettings: [{somaxconn: 16, backlog: max}, " +
		"{somaxconn: 128, backlog: max}]\n" +
		"repeats: 1\n",
	"Master.csv": "start\n2026-10-05 09:00:00\n2026-10-05 09:00:00\n2026-10-05 09:00:01\n",
	"play.agi":   "VERBOSE \"agistorm\" 1\n",
}

// preparations are run before the first command.
var preparations = []string{
	"agistorm sweep my.yaml --quiet -o before", "agistorm sweep my.yaml --quiet -o after",
	"agistorm inspect --format json >earlier.json",
	"at=$(date -u -d '+3 sec' +%FT%TZ); agistorm storm agi://127.0.0.1/q --worker 0/2 --start-at $at -o share-1 & " +
		"agistorm storm agi://127.0.0.1/q --worker 1/2 --start-at $at -o share-2; wait $!",
}

// environment keeps commands short; a flag in a document counts more.
var environment = []string{
	"AGISTORM_CALLS=40", "AGISTORM_REPEATS=1", "AGISTORM_QUIET=true", "AGISTORM_BUDGET=20s", "NO_COLOR=1",
}

// somaxconn is enough for every backlog that a document asks for.
const somaxconn = "65535"

// longest that a command may take. A server is ended after short, which is enough to listen.
const (
	longest = 2 * time.Minute
	short   = time.Second
)

// bench is the folder that commands run in.
type bench struct {
	folder  string
	servers []*exec.Cmd
}

// shell returns a command of a document, with its own process group.
func (b *bench) shell(text string) *exec.Cmd {
	c := exec.Command("sh", "-c", "exec "+text)
	if strings.ContainsAny(text, "|>;&") {
		c.Args[2] = text
	}
	c.Dir = b.folder
	c.Env = append(slices.Concat(os.Environ(), environment), "PATH="+b.folder+":"+os.Getenv("PATH"))
	if !strings.Contains(text, " -- ") { // a command's pace has to be measured
		c.Env = append(c.Env, "AGISTORM_SIMULATE_ONLY=true")
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// serve starts the servers that commands storm, and waits until they listen.
func (b *bench) serve() error {
	for _, address := range []string{"127.0.0.1:4573", "127.0.0.1:8080"} {
		server := b.shell("agistorm serve --listen " + address + " >/dev/null")
		if err := server.Start(); err != nil {
			return err
		}
		b.servers = append(b.servers, server)
		wait := b.shell("agistorm storm tcp://" + address + " -n 1 --wait 20s -o listens-" + address[10:])
		if out, err := wait.CombinedOutput(); tolerated(err) != nil {
			return fmt.Errorf("%s: %w: %s", address, err, out)
		}
	}
	return nil
}

func (b *bench) close() {
	for _, server := range b.servers {
		_ = syscall.Kill(-server.Process.Pid, syscall.SIGINT)
		_ = server.Wait()
	}
}

// run runs a command, and returns what is wrong; empty for nothing.
func (b *bench) run(c command) string {
	text := here(c.text)
	if made := output.FindStringSubmatch(text); made != nil {
		_ = os.RemoveAll(filepath.Join(b.folder, made[1])) // an example of the same name
	}
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	limit := ctx
	if endless(text) {
		text += otherPort(text)
		shorter, end := context.WithTimeout(ctx, short)
		defer end()
		limit = shorter
	}
	shell := b.shell(text)
	shell.Stdout, shell.Stderr = &out, &out
	began := time.Now()
	err := runUntil(limit, shell)
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not end within %v", longest)
	}
	if endless(text) && shell.ProcessState.ExitCode() == interrupted {
		err = nil
	}
	fmt.Printf("%6.1f s  %s: %s\n", time.Since(began).Seconds(), c.file, text)
	if err = tolerated(err); err == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s: %v\n%s", c.file, text, err, last(out.String(), 10))
}

// output is the directory that a command makes.
var output = regexp.MustCompile(` -o ([a-z0-9-]+)`)

// interrupted is the exit code of a program that a signal ended.
const interrupted = 130

// endless reports whether a command runs until a signal ends it.
func endless(text string) bool {
	return strings.HasPrefix(text, "agistorm serve") && !strings.Contains(text, "list") ||
		strings.HasPrefix(text, "agistorm watch") && !strings.Contains(text, "--for")
}

// otherPort lets a server listen beside the one at the default port.
func otherPort(text string) string {
	if strings.HasPrefix(text, "agistorm serve") {
		return " --listen 127.0.0.1:0"
	}
	return ""
}

// runUntil runs a command, and interrupts it when the context ends.
func runUntil(ctx context.Context, c *exec.Cmd) error {
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGINT)
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(longest):
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		return fmt.Errorf("it did not end within %v of an interrupt: %w", longest, <-ended)
	}
}

// tolerated drops the exit codes of a result that few calls cannot give: 3 and 99.
func tolerated(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && (exit.ExitCode() == 3 || exit.ExitCode() == 99) {
		return nil
	}
	return err
}

// last returns the last lines of a text.
func last(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
