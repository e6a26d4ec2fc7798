package lab

import (
	"maps"
	"slices"

	"agistorm/scenarios/axis"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

const (
	somaxconn = axis.SomaxconnSysctl
	portRange = "net.ipv4.ip_local_port_range"
)

// mattering are the sysctls of a network namespace that decide what becomes of a
// connect storm. A fresh namespace has the kernel's defaults, not the host's values,
// so a cell sets each of them and reads it back.
var mattering = []string{
	somaxconn,
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_max_syn_backlog",
	"net.ipv4.tcp_abort_on_overflow",
	"net.ipv4.tcp_syn_retries",
	"net.ipv4.tcp_syn_linear_timeouts",
	"net.ipv4.tcp_synack_retries",
	"net.ipv4.tcp_rto_max_ms",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_tw_reuse",
	"net.ipv4.tcp_tw_reuse_delay",
	"net.ipv4.tcp_max_tw_buckets",
	"net.ipv4.tcp_timestamps",
	"net.ipv4.tcp_migrate_req",
	portRange,
}

// inherited are sysctls of a network namespace that matter too, but that a fresh one has from the host: they
// are only read. To set the congestion control to one that net.ipv4.tcp_allowed_congestion_control does not
// list is refused in a namespace (tcp_set_default_congestion_control in the kernel's net/ipv4/tcp_cong.c), be
// it the one that it has.
var inherited = []string{"net.ipv4.tcp_congestion_control"}

// hostWide are sysctls that no namespace has, but that matter to a storm on lo.
var hostWide = []string{
	"net.core.netdev_max_backlog",
	"net.ipv4.tcp_mem",
	"net.ipv4.tcp_max_orphans",
}

// readSysctls reads what matters, and others, as this process sees it. What the kernel lacks is absent.
func readSysctls(others ...string) map[string]string {
	values := map[string]string{}
	for _, name := range slices.Concat(mattering, inherited, others) {
		if value, err := probe.Sysctl(name); err == nil {
			values[name] = value
		}
	}
	return values
}

// serversOwn are those of the mattering ones that count where the server is; the others count where the
// clients are.
var serversOwn = []string{
	somaxconn, "net.ipv4.tcp_syncookies", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_abort_on_overflow",
	"net.ipv4.tcp_synack_retries",
	"net.ipv4.tcp_migrate_req",
}

// sysctlsWith are those of this namespace, in which the clients are, and the server's of the one beside it,
// if that is not nil.
func sysctlsWith(beside *netns.Beside) (map[string]string, error) {
	values := readSysctls()
	if beside == nil {
		return values, nil
	}
	return values, beside.Do(func() error {
		there := readSysctls()
		for _, name := range serversOwn {
			delete(values, name)
			if value, ok := there[name]; ok {
				values[name] = value
			}
		}
		return nil
	})
}

// cellSysctls are the values of one cell: the host's, over them the scenario's, over them the setting's.
func cellSysctls(host, scenario map[string]string, limit string) map[string]string {
	values := map[string]string{}
	for _, name := range mattering {
		if value, ok := host[name]; ok {
			values[name] = value
		}
	}
	maps.Copy(values, scenario)
	values[somaxconn] = limit
	return values
}
