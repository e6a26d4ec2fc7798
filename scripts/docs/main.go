//go:build linux

// Docs runs every command of agistorm that stands in a document of this repository, each once:
//
//	go run ./scripts/docs AGISTORM
//
// It runs them in a folder of its own, in a network namespace of its own, where a FastAGI server listens at the default
// port; with few calls and one repeat, and with an example for each word in capitals. A command must end with 0, 3 (in
// doubt: few calls prove little) or 99 (a gate failed). What others run, as CI does, is only counted.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"agistorm/scripts/internal/program"
	"agistorm/target/netns"
)

// inside is set in the namespace.
const inside = "DOCS_INSIDE"

func main() {
	if os.Getenv(inside) == "" {
		os.Exit(enter())
	}
	program.Main("docs", work)
}

// enter runs this program in a user and a network namespace of its own, and returns its exit code.
func enter() int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		return program.NoResult
	}
	again := exec.Command(self, os.Args[1:]...)
	again.Env = append(os.Environ(), inside+"=1")
	again.Stdout, again.Stderr = os.Stdout, os.Stderr
	again.SysProcAttr = namespaces()
	if err := again.Run(); err != nil {
		if again.ProcessState == nil {
			fmt.Fprintln(os.Stderr, "docs: this machine refuses a network namespace:", err)
			return 77
		}
		return again.ProcessState.ExitCode()
	}
	return program.Met
}

func namespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

func work(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("usage: docs AGISTORM, with the program's path")
	}
	names, err := documents()
	if err != nil {
		return nil, err
	}
	var all []command
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, commandsOf(name, string(text))...)
	}
	all = unique(all)
	if err := errors.Join(netns.LoopbackUp(), netns.SetSysctl("net.core.somaxconn", somaxconn)); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "docs")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // what is left is in the folder for temporary files
	b, err := newBench(args[0], folder)
	if err != nil {
		return nil, err
	}
	defer b.close()
	ran := 0
	for _, c := range all {
		if runElsewhere(c.text) != "" {
			continue
		}
		ran++
		if miss := b.run(c); miss != "" {
			misses = append(misses, miss)
		}
	}
	fmt.Fprintf(stdout, "%d commands of %d documents ran, %d are run elsewhere\n", ran, len(names), len(all)-ran)
	return misses, nil
}

// newBench prepares the folder that commands run in, with what their examples need.
func newBench(agistorm, folder string) (*bench, error) {
	path, err := filepath.Abs(agistorm)
	if err != nil {
		return nil, err
	}
	b := &bench{folder: folder}
	for name, text := range files {
		mode := os.FileMode(0o644)
		if text[0] == '#' && text[1] == '!' {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), mode); err != nil {
			return nil, err
		}
	}
	if err := os.Symlink(path, filepath.Join(folder, "agistorm")); err != nil {
		return nil, err
	}
	if err := b.serve(); err != nil {
		b.close()
		return nil, err
	}
	for _, prepare := range preparations {
		if out, err := b.shell(prepare).CombinedOutput(); tolerated(err) != nil {
			b.close()
			return nil, fmt.Errorf("%s: %w: %s", prepare, err, out)
		}
	}
	return b, nil
}
