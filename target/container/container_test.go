package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	idA = strings.Repeat("0123456789abcdef", 4)
	idB = strings.Repeat("fedcba9876543210", 4)
)

// TestParseCgroup: the control groups of runtimes with systemd and without.
func TestParseCgroup(t *testing.T) {
	for _, c := range []struct {
		text string
		want Container
	}{
		{"0::/system.slice/docker-" + idA + ".scope\n",
			Container{ID: idA, Runtime: "docker"}},
		{"12:cpu:/docker/" + idA + "\n0::/\n",
			Container{ID: idA, Runtime: "docker"}},
		{"0::/machine.slice/libpod-" + idA + ".scope/container\n",
			Container{ID: idA, Runtime: "podman"}},
		{"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + idA + ".scope\n",
			Container{ID: idA, Runtime: "containerd"}},
		{"0::/kubepods/burstable/pod1/" + idA,
			Container{ID: idA}},
		{"0::/kubepods.slice/crio-" + idB + ".scope",
			Container{ID: idB, Runtime: "cri-o"}},
		{"0::/docker/" + idA + "/docker/" + idB + "\n",
			Container{ID: idB, Runtime: "docker"}},
		{"0::/lxc.payload.web/system.slice/sshd.service\n",
			Container{ID: "web", Name: "web", Runtime: "lxc"}},
		{"0::/user.slice/libpod_parent/libpod-" + idA + "\n1:name=systemd:/docker/" + idB + "\n",
			Container{ID: idA, Runtime: "podman"}},
	} {
		if got, ok := parseCgroup(c.text); !ok || got != c.want {
			t.Errorf("%q: %+v, %v; want %+v", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{
		"", "0::/\n", "0::/user.slice/session-1.scope\n", "0::/docker-short.scope", "no colons", "0::/lxc.payload.",
		"0::/machine.slice/libpod-conmon-" + idA + ".scope\n", "0::/system.slice/docker.service\n",
	} {
		if got, ok := parseCgroup(text); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// TestNames: each runtime's files, as they are laid out below /.
func TestNames(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	id := func(c string) string { return strings.Repeat(c, 64) }
	write("var/lib/docker/containers/"+id("a")+"/config.v2.json", `{"ID":"…","Name":"/agi-server","State":{}}`)
	write("var/lib/containers/storage/overlay-containers/containers.json",
		`[{"id":"`+id("b")+`","names":["web","other"]},{"id":"`+id("c")+`"}]`)
	write("home/me/.local/share/containers/storage/overlay-containers/containers.json",
		`[{"id":"`+id("d")+`","names":["mine"]}]`)
	write("run/containerd/io.containerd.runtime.v2.task/k8s.io/"+id("e")+"/config.json",
		`{"annotations":{"io.kubernetes.cri.container-name":"pod-web"}}`)
	write("var/lib/docker/containers/"+id("f")+"/config.v2.json", `{"Name":`)
	for pid, c := range map[string]string{"1": "a", "2": "b", "3": "c", "4": "d", "5": "e", "6": "f"} {
		write("proc/"+pid+"/cgroup", "0::/docker/"+id(c)+"\n")
	}
	write("proc/7/cgroup", "0::/init.scope\n")
	f := newFinder(root)
	for pid, want := range map[int]string{
		1: "agi-server", 2: "web", 3: id("c")[:12], 4: "mine", 5: "pod-web", 6: id("f")[:12],
	} {
		c := f.Of(pid)
		if c == nil || c.Short() != want || f.Of(pid) != c {
			t.Errorf("process %d: %+v, want %s", pid, c, want)
			continue
		}
		if !c.Is(want) || !c.Is(c.ID) || c.Is(c.ID[:4]) || c.Is("") {
			t.Errorf("%+v is not what it is called", c)
		}
	}
	for _, pid := range []int{7, 8} {
		if c := f.Of(pid); c != nil {
			t.Errorf("process %d: %+v", pid, c)
		}
	}
}

// FuzzParsers: whatever the bytes, an ID is 64 digits or LXC's name, and a name comes from the text.
func FuzzParsers(f *testing.F) {
	f.Add("0::/system.slice/docker-"+idA+".scope\n", `{"Name":"/agi"}`)
	f.Add("0::/lxc.payload.x", `[{"id":"`+idA+`","names":["web"]}]`)
	f.Add("", `{"annotations":{"nerdctl/name":"n"}}`)
	f.Fuzz(func(t *testing.T, cgroup, file string) {
		c, ok := parseCgroup(cgroup)
		if ok && (!strings.Contains(cgroup, c.ID) || len(c.ID) != 64 && c.Runtime != "lxc") {
			t.Errorf("%q: %+v", cgroup, c)
		}
		for _, source := range nameFiles {
			if name := source.name([]byte(file), idA); name != "" && !strings.Contains(file, `"`) {
				t.Errorf("%q: %q comes from nowhere", file, name)
			}
		}
	})
}
