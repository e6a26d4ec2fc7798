package known

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table in README.md anew")

// TestReadme keeps the table in README.md equal to Servers.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(text), "| server |")
	if !found {
		t.Fatal("README.md has no table")
	}
	want := head + Table()
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Error("the table in README.md is not that of Servers: go test ./target/known -update")
	}
}

func TestServersAreComplete(t *testing.T) {
	var kinds []string
	for _, s := range Servers {
		if s.Kind == "" || s.Name == "" || s.File == "" || s.Live == "" || s.Default == "" || s.by == nil {
			t.Errorf("%+v lacks something", s.Kind)
		}
		if (s.Setting == "") == (s.Instead == "") || !strings.Contains(s.Setting+s.Instead, Number) {
			t.Errorf("%s: one of Setting and Instead, with the number in it", s.Kind)
		}
		if slices.Contains(kinds, s.Kind) {
			t.Errorf("%s is there twice", s.Kind)
		}
		kinds = append(kinds, s.Kind)
	}
	if got := Of("nginx").SettingOf(1024); got != "listen … backlog=1024;" {
		t.Errorf("got %q", got)
	}
	if Of("") != nil || Of("nothing") != nil {
		t.Error("a kind that is not known has a server")
	}
}

// TestKinds: what /proc shows of real servers.
func TestKinds(t *testing.T) {
	argv := strings.Fields
	for _, c := range []struct {
		p         Process
		effective int
		want      string
	}{
		{Process{Name: "nginx", Program: "nginx", Argv: argv("nginx: master process /usr/sbin/nginx")}, 511, "nginx"},
		{Process{Name: "nginx"}, 128, "nginx"},
		{Process{Name: "gunicorn", Program: "python3.11", Argv: argv("gunicorn: master [app:app]")}, 5, "gunicorn"},
		{Process{Name: "gunicorn", Program: "python3.11", Argv: argv("/usr/bin/python3 /usr/bin/gunicorn -b :80 a:a")}, 5,
			"gunicorn"},
		{Process{Name: "python3", Program: "python3.11", Argv: argv("python3 -m gunicorn a:a")}, 5, "gunicorn"},
		{Process{Name: "twistd", Program: "python3.11", Argv: argv("/usr/bin/python3 /usr/bin/twistd -n agi")}, 50, "twisted"},
		{Process{Name: "python3", Program: "python3.11", Argv: argv("python3 server.py")}, 5,
			"python-socketserver python-socket"},
		{Process{Name: "python3", Program: "python3.11", Argv: argv("python3 server.py")}, 100, "python-asyncio"},
		{Process{Name: "python3", Program: "python3.11", Argv: argv("python3 server.py gunicorn")}, 7,
			"python-socketserver python-asyncio python-socket"},
		{Process{Name: "uwsgi", Program: "uwsgi-core"}, 100, "uwsgi"},
		{Process{Name: "MainThread", Program: "node", Argv: argv("node server.js")}, 511, "node"},
		{Process{Name: "java", Program: "java"}, 50, "java-socket"},
		{Process{Name: "java", Program: "java"}, 4096, "java-socket java-netty java-tomcat"},
		{Process{Name: "agistorm", Program: "agistorm", Go: true}, 4096, "go"},
		{Process{Name: "caddy", Program: "caddy", Go: true}, 4096, "go"},
		{Process{Name: "perl", Program: "perl", Argv: argv("perl server.pl")}, 5, "perl-socket"},
		{Process{Name: "perl", Program: "perl", Argv: argv("perl server.pl")}, 4096, "perl-server"},
		{Process{Name: "php-fpm8.2", Program: "php-fpm8.2"}, 511, "php-fpm"},
		{Process{Name: "php8.2", Program: "php8.2", Argv: argv("php agi.php")}, 32, "php"},
		{Process{Name: "ruby", Program: "ruby3.1", Argv: argv("puma 5.6.5 (tcp://0.0.0.0:9292) [app]")}, 1024, "puma"},
		{Process{Name: "ruby", Program: "ruby3.1", Argv: argv("ruby agi.rb")}, 4096, "ruby"},
		{Process{Name: "haproxy", Program: "haproxy"}, 2000, "haproxy"},
		{Process{Name: "redis-server", Program: "redis-check-rdb"}, 511, "redis"},
		{Process{Name: "xinetd", Program: "xinetd"}, 64, "xinetd"},
		{Process{PID: 1, Name: "systemd", Program: "systemd"}, 4096, "systemd"},
		{Process{Name: "sshd", Program: "sshd"}, 128, ""},
	} {
		if got := strings.Join(Kinds(&c.p, c.effective), " "); got != c.want {
			t.Errorf("%+v, effective %d: %q, want %q", c.p, c.effective, got, c.want)
		}
	}
}

// proc makes a process in a directory like /proc.
func proc(t *testing.T, root, pid, parent, comm, cmdline string, sockets ...string) {
	t.Helper()
	dir := filepath.Join(root, pid)
	if err := os.MkdirAll(filepath.Join(dir, "fd"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"comm": comm + "\n", "cmdline": cmdline,
		"status": "Name:\t" + comm + "\nPid:\t" + pid + "\nPPid:\t" + parent + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range sockets {
		if err := os.Symlink(s, filepath.Join(dir, "fd", string(rune('0'+i)))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOwner: of master and workers it is the master, of a service with systemd's socket it is systemd.
func TestOwner(t *testing.T) {
	root := t.TempDir()
	proc(t, root, "1", "0", "systemd", "/sbin/init\x00", "socket:[7]")
	proc(t, root, "40", "1", "service", "service\x00", "socket:[7]")
	proc(t, root, "90", "12", "nginx", "nginx: worker process\x00\x00", "pipe:[1]", "socket:[8]")
	proc(t, root, "800", "90", "nginx", "nginx\x00-c\x00x", "socket:[8]")
	if p, ok := owner(root, 7); !ok || p.PID != 1 || p.Name != "systemd" {
		t.Errorf("got %+v, %v, want systemd", p, ok)
	}
	p, ok := owner(root, 8)
	if !ok || p.PID != 90 || !slices.Equal(p.Argv, []string{"nginx: worker process"}) || p.Program != "" || p.Go {
		t.Errorf("got %+v, %v, want process 90", p, ok)
	}
	if p, ok := owner(root, 9); ok {
		t.Errorf("got %+v for a socket that is held by none", p)
	}
	if _, ok := owner(filepath.Join(root, "none"), 7); ok {
		t.Error("found an owner without /proc")
	}
}
