package tracefs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// errNoReason: Linux before 5.17 frees a packet without a reason (c504e5c2f964), so that its event has no such field.
var errNoReason = errors.New("the event skb:kfree_skb has no field reason")

// prefix of the reasons in the kernel's include/net/dropreason-core.h, which the event leaves out.
const prefix = "SKB_DROP_REASON_"

// reason is one that the kernel can give.
type reason struct {
	// Number of it on this kernel; nil where the format has a constant's name instead.
	number *uint64
	name   string
}

var (
	reasonField = regexp.MustCompile(`(?m)^\s*field:[^;]*\breason;`)
	// symbols are the pairs of __print_symbolic: { 3, "NO_SOCKET" }.
	symbols = regexp.MustCompile(`\{\s*(\w+)\s*,\s*"([A-Z0-9_]+)"\s*\}`)
)

// parseFormat reads the reasons from the format file of the event (the kernel's Documentation/trace/events.rst).
func parseFormat(text string) (all []reason, err error) {
	if !reasonField.MatchString(text) {
		return nil, errNoReason
	}
	_, table, found := strings.Cut(text, "__print_symbolic(REC->reason")
	for _, m := range symbols.FindAllStringSubmatch(table, -1) {
		r := reason{name: strings.TrimPrefix(m[2], prefix)}
		if n, err := strconv.ParseUint(m[1], 0, 32); err == nil {
			r.number = &n
		}
		all = append(all, r)
	}
	if !found || len(all) == 0 {
		return nil, errors.New("the format of skb:kfree_skb names no reasons")
	}
	return all, nil
}

// Families and names of the reasons that a segment of TCP can be freed with on its way to a listener. The rest are
// those of other protocols, and NOT_SPECIFIED, with which all sorts of packets end.
var (
	families = []string{"TCP_", "SOCKET_", "QDISC_", "NEIGH_", "TC_"}
	singles  = []string{
		"NO_SOCKET", "PROTO_MEM", "NETFILTER_DROP", "IP_RPFILTER", "XFRM_POLICY", "BPF_CGROUP_EGRESS", "SECURITY_HOOK",
		"CPU_BACKLOG", "XDP", "FULL_RING", "NOMEM",
	}
)

// aboutTCP reports whether a segment of TCP can be freed with the reason.
func (r reason) aboutTCP() bool {
	return slices.Contains(singles, r.name) ||
		slices.ContainsFunc(families, func(family string) bool { return strings.HasPrefix(r.name, family) })
}

// internet are the values of the event's field protocol for IPv4 and IPv6 (include/uapi/linux/if_ether.h).
const internet = "(protocol == 2048 || protocol == 34525)"

// filterOf returns the kernel's filter for the reasons that are about TCP; by the protocol alone where their numbers
// are not known.
func filterOf(all []reason) string {
	var numbers []uint64
	for _, r := range all {
		switch {
		case !r.aboutTCP():
		case r.number == nil:
			return internet
		default:
			numbers = append(numbers, *r.number)
		}
	}
	if len(numbers) == 0 {
		return internet
	}
	return internet + " && (" + strings.Join(ranges(numbers), " || ") + ")"
}

// ranges writes numbers as conditions, neighbours as one.
func ranges(numbers []uint64) (conditions []string) {
	slices.Sort(numbers)
	for i := 0; i < len(numbers); {
		last := i
		for last+1 < len(numbers) && numbers[last+1] <= numbers[last]+1 {
			last++
		}
		conditions = append(conditions, condition(numbers[i], numbers[last]))
		i = last + 1
	}
	return conditions
}

func condition(first, last uint64) string {
	if first == last {
		return fmt.Sprintf("reason == %d", first)
	}
	return fmt.Sprintf("(reason >= %d && reason <= %d)", first, last)
}
