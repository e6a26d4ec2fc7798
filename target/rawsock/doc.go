// Package rawsock holds the raw system calls that several packages share: on Linux, non-blocking calls on
// sockets by which nothing is allocated, for the two engines of the storm and of the target; and the
// priority of processes, which other systems do not have here.
package rawsock
