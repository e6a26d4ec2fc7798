// Package rawsock is what the two Linux engines, of the storm and of the target, share: non-blocking
// system calls on sockets by which nothing is allocated. On other systems it is empty.
package rawsock
