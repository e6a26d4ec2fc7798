# shellcheck shell=bash disable=SC2154
# Sourced by try, and by other scripts that need Docker: an engine of their own.
#
# dockerd runs in namespaces of its own for the network, mounts and processes. So its bridge, its
# firewall rules, its files below /var/lib, /run and /etc, and its containers end with it, and the
# host is left as it was. It wants $tmp, a directory of its own, and cannot REASON, which ends the
# script with 77.

engine=      # process of unshare, whose end ends all that is in the namespaces
engine_init= # first process in them, which nsenter takes
client=
old_groups=

docker() { DOCKER_CONFIG=$tmp/engine/config "$client" -H "unix://$tmp/engine/sock" "$@"; }

# in_engine COMMAND…: where dockerd's bridge, files and containers are seen as on their host.
in_engine() { nsenter --target "$engine_init" --net --mount --pid -- "$@"; }

# control_groups lists those that dockerd makes and leaves behind.
control_groups() { find /sys/fs/cgroup -depth -type d -path '*/docker*' 2>/dev/null || true; }

find_engine() {
	client=/usr/bin/docker # Debian's; another one may come first in PATH
	[ -x "$client" ] || client=$(type -P docker) || return 1
	[ -n "$(PATH=$PATH:/usr/sbin:/sbin type -P dockerd)" ]
}

install_engine() { # Debian's; installing a server is not to start it
	local policy=/usr/sbin/policy-rc.d made=
	! find_engine || return 0
	[ -n "$(type -P apt-get)" ] || cannot "there is no dockerd, and no apt-get to install docker.io with"
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
		made=$policy
	fi
	apt-get update -qq >"$tmp/apt.log" 2>&1 || true # an old list may still do
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io >>"$tmp/apt.log" 2>&1 || true
	[ -z "$made" ] || rm "$made"
	find_engine || cannot "apt-get cannot install docker.io: $(tail -n 1 "$tmp/apt.log")"
}

# The engine's first process. /proc is still the host's when it reads its own ID there.
engine_script() {
	cat <<-'END'
		set -e
		read -r id rest </proc/self/stat
		mount -t proc proc /proc
		mount -t tmpfs tmpfs /run
		for dir in /etc /var/lib; do
			mkdir -p /run/upper$dir /run/work$dir
			mount -t overlay overlay -o lowerdir=$dir,upperdir=/run/upper$dir,workdir=/run/work$dir $dir
		done
		mkdir -p /var/lib/docker /etc/docker
		mount --bind "$1/docker" /var/lib/docker
		rm -f /etc/docker/daemon.json
		ip link set lo up
		PATH=$PATH:/usr/sbin:/sbin
		dockerd --host "unix://$1/sock" &
		echo "$! $id" >"$1/pids"
		wait $!
	END
}

start_engine() {
	[ "$(uname -s)" = Linux ] || cannot "containers are Linux's"
	[ "$(id -u)" = 0 ] || cannot "dockerd needs root"
	install_engine
	for need in ip nsenter unshare; do [ -n "$(type -P $need)" ] || cannot "there is no $need"; done
	old_groups=$(control_groups)
	mkdir -p "$tmp/engine/docker"
	unshare --net --mount --pid --fork --kill-child sh -c "$(engine_script)" sh "$tmp/engine" >"$tmp/engine/log" 2>&1 &
	engine=$!
	local i
	for ((i = 0; i < 300; i++)); do
		docker version >/dev/null 2>&1 && break
		kill -0 "$engine" 2>/dev/null || break
		sleep 0.1
	done
	docker version >/dev/null 2>&1 || { stop_engine; cannot "dockerd does not start: $(tail -n 1 "$tmp/engine/log")"; }
	read -r _ engine_init <"$tmp/engine/pids"
}

# Containers first, so that their control groups are empty; the rest goes with the namespaces.
stop_engine() {
	[ -n "$engine" ] || return 0
	local all group
	all=$(docker ps -aq 2>/dev/null) || true
	# shellcheck disable=SC2086 # many IDs
	[ -z "$all" ] || docker rm -f $all >/dev/null 2>&1 || true
	kill -9 "$engine" 2>/dev/null || true
	wait "$engine" 2>/dev/null || true
	engine=
	for _ in 1 2 3 4 5; do
		for group in $(control_groups); do
			grep -qxF "$group" <<<"$old_groups" || rmdir "$group" 2>/dev/null || true
		done
		[ "$(control_groups)" != "$old_groups" ] || break
		sleep 0.2
	done
}
