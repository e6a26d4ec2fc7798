package spec

// headerSomaxconn is SOMAXCONN of the C library's headers since Linux 5.4 (include/linux/socket.h) and
// glibc 2.31; Go's syscall.SOMAXCONN still is the 128 from before.
const headerSomaxconn = 4096
