package lab

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/target/probe"
)

// DescribeHost returns which machine this is. What the system does not report is left empty.
func DescribeHost() record.Host {
	host := record.Host{
		OS:        runtime.GOOS,
		Arch:      runtime.GOARCH,
		CPUs:      runtime.NumCPU(),
		OpenFiles: loadgen.OpenFiles(),
		Sysctls:   readSysctls(hostWide...),
	}
	host.Name, _ = os.Hostname()                      // without a name its share identifies it
	host.Kernel, _ = probe.Sysctl("kernel.osrelease") // other systems have no such sysctl
	host.CPU = fromFile("/proc/cpuinfo", "model name")
	kilobytes, _, _ := strings.Cut(fromFile("/proc/meminfo", "MemTotal"), " ")
	if n, err := strconv.ParseUint(kilobytes, 10, 64); err == nil {
		host.MemoryBytes = n << 10
	}
	return host
}

// fromFile returns the first value of a key in a file with lines of "key: value"; empty where there is none.
func fromFile(path, key string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
