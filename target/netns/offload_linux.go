package netns

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offload is a feature of a network device that ethtool(8) switches.
type Offload struct {
	name string
	// set and get are the commands of linux/ethtool.h.
	set, get uint32
}

// Offloads.
var (
	// GRO is generic receive offload: the device takes packets in by NAPI and merges segments of one
	// connection.
	GRO = Offload{"gro", 0x2c, 0x2b} // ETHTOOL_SGRO, ETHTOOL_GGRO
	// TSO is TCP segmentation offload: the device takes TCP packets longer than its MTU.
	TSO = Offload{"tso", 0x1f, 0x1e} // ETHTOOL_STSO, ETHTOOL_GTSO
)

// ethtoolValue is struct ethtool_value of linux/ethtool.h.
type ethtoolValue struct{ command, data uint32 }

// ethtoolRequest is struct ifreq of linux/if.h with a pointer to the value; the rest pads it to at least
// its size.
type ethtoolRequest struct {
	name  [unix.IFNAMSIZ]byte
	value unsafe.Pointer
	_     [16]byte
}

// SetOffload switches a feature of a network device in the namespace of the calling thread, and reports
// whether the kernel did so: it may keep a feature as it is. It needs CAP_NET_ADMIN there. The error wraps
// EOPNOTSUPP where the device lacks the feature or it cannot be switched (net/ethtool/ioctl.c,
// ethtool_set_one_feature), ENODEV without the device.
func SetOffload(device string, feature Offload, on bool) (done bool, err error) {
	want := uint32(0)
	if on {
		want = 1
	}
	if _, err := ethtool(device, feature, ethtoolValue{feature.set, want}); err != nil {
		return false, err
	}
	is, err := HasOffload(device, feature)
	return is == on, err
}

// HasOffload reports whether a feature of a network device is on in the namespace of the calling thread.
func HasOffload(device string, feature Offload) (bool, error) {
	data, err := ethtool(device, feature, ethtoolValue{command: feature.get})
	return err == nil && data != 0, err
}

// ethtool runs one command about a feature and returns the data that the kernel leaves.
func ethtool(device string, feature Offload, value ethtoolValue) (uint32, error) {
	if len(device) >= unix.IFNAMSIZ {
		return 0, unix.ENODEV
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	// Both lie on the heap while the kernel writes through the pointer.
	answer := &value
	request := &ethtoolRequest{value: unsafe.Pointer(answer)}
	copy(request.name[:], device)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(request)))
	runtime.KeepAlive(answer)
	if errno != 0 {
		return 0, os.NewSyscallError("ioctl SIOCETHTOOL "+device+" "+feature.name, errno)
	}
	return answer.data, nil
}
