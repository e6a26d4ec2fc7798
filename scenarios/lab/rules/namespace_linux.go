package rules

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
	"agistorm/target/probe"
)

// namespaceRules holds those about what a network namespace starts with, and what may be set there.
var namespaceRules = []Rule{
	{
		Name: "somaxconn-when-born",
		Statement: "A fresh network namespace starts with somaxconn 4096 (128 before Linux 5.4), " +
			"whatever its maker has",
		own:     true,
		Source:  "net/core/net_namespace.c, preinit_net_sysctl",
		set:     sysctls{somaxconn: 1234},
		measure: somaxconnWhenBorn,
	},
	{
		Name:      "sysctls-when-born",
		Statement: "A fresh namespace starts with the kernel's defaults of TCP, not with its maker's values",
		own:       true,
		Source:    "net/ipv4/tcp_ipv4.c, tcp_sk_init",
		measure:   sysctlsWhenBorn,
	},
	{Name: "somaxconn-range", Statement: "somaxconn takes 0 to 2147483647 and nothing else", own: true,
		Source: "net/core/sysctl_net_core.c", measure: somaxconnRange},
	{
		Name:      "sysctls-settable",
		Statement: "All that decides a queue's fate can be set in a namespace of one's own",
		own:       true,
		Source:    "Documentation/networking/ip-sysctl.rst",
		measure:   sysctlsSettable,
	},
	{
		Name: "host-wide-hidden",
		Statement: "net.core.netdev_max_backlog and net.ipv4.tcp_mem are the host's alone: a namespace " +
			"has none, or cannot write them",
		own:     true,
		Source:  "net/core/sysctl_net_core.c",
		measure: hostWideHidden,
	},
}

// born reads sysctls in a namespace that is made of this one. The thread ends with the process.
func born(names ...string) []string {
	runtime.LockOSThread()
	check(os.NewSyscallError("unshare CLONE_NEWNET", unix.Unshare(unix.CLONE_NEWNET)))
	var values []string
	for _, name := range names {
		values = append(values, sysctl(name))
	}
	return values
}

func somaxconnWhenBorn(*site) Finding {
	return bornWith(born(somaxconn)[0], before(5, 4))
}

func bornWith(got string, old bool) Finding {
	return Finding{
		Expected: "4096 (before Linux 5.4: 128), its maker has 1234",
		Measured: got + ", its maker has 1234",
		Holds:    got == "4096" || got == "128" && old,
	}
}

// before reports whether this kernel is older than a version.
func before(major, minor int) bool {
	release, _ := probe.Sysctl("kernel.osrelease") // what cannot be read is not older
	atLeast, known := probe.LinuxAtLeast(release, major, minor)
	return known && !atLeast
}

// defaults of TCP in a fresh namespace (net/ipv4/tcp_ipv4.c, tcp_sk_init), and other values that they may
// have.
var defaults = []struct {
	name         string
	value, other int
}{
	{syncookies, 1, 0},
	{abortOverflow, 0, 1},
	{"net.ipv4.tcp_syn_retries", 6, 5},
	{"net.ipv4.tcp_synack_retries", 5, 4},
}

func sysctlsWhenBorn(s *site) Finding {
	var names, want, got []string
	for _, d := range defaults {
		s.set(d.name, d.other)
		names = append(names, d.name)
		want = append(want, fmt.Sprintf("%s %d", shortName(d.name), d.value))
	}
	for i, value := range born(names...) {
		got = append(got, shortName(names[i])+" "+value)
	}
	return compareText(strings.Join(want, ", "), strings.Join(got, ", "))
}

// shortName returns a sysctl's name without its folders.
func shortName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func somaxconnRange(*site) Finding {
	var words []string
	for _, value := range []string{"0", "2147483647", "-1", "2147483648"} {
		err := netns.SetSysctl(somaxconn, value)
		proveMissing(somaxconn, err)
		word, known := errorWords{{nil, "taken"}, {syscall.EINVAL, "refused"}}.wordOf(err)
		if !known {
			check(err)
		}
		words = append(words, value+" "+word)
	}
	return compareText("0 taken, 2147483647 taken, -1 refused, 2147483648 refused", strings.Join(words, ", "))
}

// settable are what every supported kernel has; tcp_syn_linear_timeouts has a rule that sets it.
var settable = []struct {
	name  string
	value int
}{
	{somaxconn, 77}, {syncookies, 0}, {maxSYNBacklog, 99}, {abortOverflow, 1}, {"net.ipv4.tcp_synack_retries", 2},
	{"net.ipv4.tcp_syn_retries", 3}, {"net.ipv4.tcp_fin_timeout", 17}, {"net.ipv4.tcp_timestamps", 0},
}

func sysctlsSettable(*site) Finding {
	var want, got []string
	for _, sysctl := range settable {
		want = append(want, shortName(sysctl.name))
		if netns.SetSysctl(sysctl.name, strconv.Itoa(sysctl.value)) == nil && number(sysctl.name) == sysctl.value {
			got = append(got, shortName(sysctl.name))
		}
	}
	return compareText(strings.Join(want, ", "), strings.Join(got, ", "))
}

// hostWideHidden writes nothing: it opens for writing only.
func hostWideHidden(*site) Finding {
	var names []string
	var errs []error
	for _, path := range []string{"net/core/netdev_max_backlog", "net/ipv4/tcp_mem"} {
		f, err := os.OpenFile("/proc/sys/"+path, os.O_WRONLY, 0)
		if err == nil {
			defer f.Close()
		}
		names, errs = append(names, path[strings.LastIndexByte(path, '/')+1:]), append(errs, err)
	}
	return hidden(names, errs)
}

// hiding are the ways in which a namespace lacks a file for writing.
var hiding = errorWords{{fs.ErrNotExist, "none"}, {fs.ErrPermission, "not writable"}}

// hidden judges the errors of opening files for writing.
func hidden(names []string, errs []error) Finding {
	f := Finding{Expected: "none, or not writable", Holds: true}
	var got []string
	for i, err := range errs {
		word, ok := "writable", false
		if err != nil {
			word, ok = hiding.wordOf(err)
		}
		f.Holds = f.Holds && ok
		got = append(got, names[i]+": "+word)
	}
	f.Measured = strings.Join(got, ", ")
	return f
}
