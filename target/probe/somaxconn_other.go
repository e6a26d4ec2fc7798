//go:build !linux && !darwin && !freebsd

package probe

func somaxconn() (string, error) { return "", checkSupport("somaxconn") }
