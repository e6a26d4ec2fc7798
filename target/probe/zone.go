package probe

import (
	"fmt"
	"net"
	"strconv"
)

// ZoneIndex returns the number of an address's zone, which is named by an interface or by its number; 0 for
// "".
func ZoneIndex(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index), nil
	}
	n, err := strconv.ParseUint(zone, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("no interface %q", zone)
	}
	return uint32(n), nil
}
