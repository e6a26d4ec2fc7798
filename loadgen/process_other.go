//go:build !unix

package loadgen

import "time"

// OpenFiles is how many descriptors this process may have; 0 where the system does not report it.
func OpenFiles() uint64 { return 0 }

// ProcessCPU is the time that this process has used on its CPUs; nil where the system does not report it.
func ProcessCPU() *time.Duration { return nil }
