// Package container names the container that a process runs in, by the files of the kernel and of container runtimes.
package container

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Container is one of a runtime: docker, podman, containerd, cri-o or lxc. Runtime and Name are empty where they are
// not known: a runtime's files are for root.
type Container struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Runtime string `json:"runtime,omitempty"`
}

// shortID is how many digits of an ID its runtimes show.
const shortID = 12

// Short is the name, or the ID as runtimes show it.
func (c *Container) Short() string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID[:min(len(c.ID), shortID)]
}

// Is reports whether a name, or the beginning of an ID that is long enough to be one, means this container.
func (c *Container) Is(name string) bool {
	return name != "" && (name == c.Name || name == c.ID || len(name) >= shortID && strings.HasPrefix(c.ID, name))
}

// Finder finds the containers of processes, each name once.
type Finder struct {
	root string
	at   map[string]*Container
	of   map[int]*Container
}

// NewFinder returns one that has found nothing yet; it remembers what it finds.
func NewFinder() *Finder { return newFinder("/") }

func newFinder(root string) *Finder {
	return &Finder{root: root, at: map[string]*Container{}, of: map[int]*Container{}}
}

// Of returns the container of a process; nil where it is in none, or that cannot be seen.
func (f *Finder) Of(pid int) *Container {
	c, found := f.of[pid]
	if !found {
		c = f.read(pid)
		f.of[pid] = c
	}
	return c
}

func (f *Finder) read(pid int) *Container {
	text, err := os.ReadFile(filepath.Join(f.root, "proc", strconv.Itoa(pid), "cgroup"))
	if err != nil {
		return nil
	}
	c, ok := parseCgroup(string(text))
	if !ok {
		return nil
	}
	if f.at[c.ID] == nil {
		if c.Name == "" {
			c.Name = f.nameOf(c.ID)
		}
		f.at[c.ID] = &c
	}
	return f.at[c.ID]
}

// runtimes are those that begin the name of a control group of systemd's, and of cgroupfs the folder above it.
var runtimes = map[string]string{
	"docker": "docker", "libpod": "podman", "libpod_parent": "podman", "cri-containerd": "containerd", "crio": "cri-o",
	"nerdctl": "containerd",
}

// group is the last part of a container's control group: "docker-ID.scope" of systemd's, "ID" of cgroupfs. A
// helper of a runtime has more before the ID, such as "libpod-conmon-".
var group = regexp.MustCompile(`^(?:(docker|libpod|cri-containerd|crio|nerdctl)-)?([0-9a-f]{64})(?:\.scope)?$`)

// lxcGroup is that of LXC, by the name of the container.
const lxcGroup = "lxc.payload."

// parseCgroup reads /proc/PID/cgroup (cgroups(7)); the innermost container counts.
func parseCgroup(text string) (Container, bool) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) < 3 {
			continue
		}
		folders := strings.Split(parts[2], "/")
		for i := len(folders) - 1; i > 0; i-- {
			if match := group.FindStringSubmatch(folders[i]); match != nil {
				runtime := runtimes[match[1]]
				if match[1] == "" {
					runtime = runtimes[folders[i-1]]
				}
				return Container{ID: match[2], Runtime: runtime}, true
			}
			if name, ok := strings.CutPrefix(folders[i], lxcGroup); ok && name != "" {
				return Container{ID: name, Name: name, Runtime: "lxc"}, true
			}
		}
	}
	return Container{}, false
}
