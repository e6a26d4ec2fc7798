# shellcheck shell=bash disable=SC2154
# Sourced by try: hosts made of network namespaces. Three hosts and a server, joined by veth
# pairs on one bridge, which is in a namespace of its own and where the operator sits. All
# addresses are of 198.18.0.0/15, which RFC 2544 sets aside for benchmarks; nothing routes out.
#
# It wants $tmp, a directory of its own, and $id, a short name that nothing else has.

hosts=3
operator_address=198.18.0.254
server_address=198.18.0.100
ssh_port=2222
ssh_config=$tmp/ssh_config
namespaces=() # to delete, with the processes that are in them

host_address() { printf '198.18.0.%d' $(($1 + 1)); } # host_address K

inside() { # inside NAME COMMAND…: runs it in that namespace
	local name=$1
	shift
	ip netns exec "$id-$name" "$@"
}

make_network() {
	local k
	add_namespace bridge
	inside bridge ip link add br0 type bridge
	inside bridge ip address add "$operator_address/24" dev br0
	inside bridge ip link set br0 up
	join server "$server_address"
	for ((k = 0; k < hosts; k++)); do join "host$k" "$(host_address "$k")"; done
}

add_namespace() { # add_namespace NAME
	ip netns add "$id-$1"
	namespaces+=("$id-$1")
	inside "$1" ip link set lo up
}

join() { # join NAME ADDRESS: a new namespace with that address, on the bridge
	add_namespace "$1"
	inside bridge ip link add "$1" type veth peer name eth0 netns "$id-$1"
	inside bridge ip link set "$1" master br0 up
	inside "$1" ip address add "$2/24" dev eth0
	inside "$1" ip link set eth0 up
}

# Throwaway keys, and a configuration by which ssh finds the hosts and knows them.
make_keys() {
	local k
	ssh-keygen -q -t ed25519 -N '' -C try -f "$tmp/user_key"
	ssh-keygen -q -t ed25519 -N '' -C try -f "$tmp/host_key"
	for ((k = 0; k < hosts; k++)); do
		printf 'Host host%d\n\tHostName %s\n\tHostKeyAlias host%d\n' "$k" "$(host_address "$k")" "$k"
		printf 'host%d %s\n' "$k" "$(cut -d ' ' -f 1,2 "$tmp/host_key.pub")" >>"$tmp/known_hosts"
	done >"$ssh_config"
	cat >>"$ssh_config" <<-END
		Host *
			Port $ssh_port
			User root
			IdentityFile $tmp/user_key
			IdentitiesOnly yes
			UserKnownHostsFile $tmp/known_hosts
			GlobalKnownHostsFile /dev/null
			StrictHostKeyChecking yes
	END
}

start_sshd() { # start_sshd K: in the host's namespace and with a hostname of its own
	cat >"$tmp/sshd_config$1" <<-END
		ListenAddress $(host_address "$1"):$ssh_port
		HostKey $tmp/host_key
		AuthorizedKeysFile $tmp/user_key.pub
		PidFile $tmp/sshd$1.pid
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		StrictModes no
	END
	inside "host$1" unshare --uts sh -c 'hostname "$1" && shift && exec "$@"' sh "host$1" \
		"$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$tmp/sshd_config$1" 2>"$tmp/sshd$1.log" &
	await "sshd of host$1" test -s "$tmp/sshd$1.pid"
}

await() { # await WHAT COMMAND…: until the command succeeds, 10 s at most
	local what=$1 i
	shift
	for ((i = 0; i < 100; i++)); do
		"$@" 2>/dev/null && return
		sleep 0.1
	done
	echo "try: no $what after 10 s" >&2
	return 1
}

# The namespaces are ours alone, and so are the processes in them.
remove_hosts() {
	local name pids
	for name in ${namespaces[@]+"${namespaces[@]}"}; do
		pids=$(ip netns pids "$name") || true
		# shellcheck disable=SC2086 # many ids
		[ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
		ip netns delete "$name" || true
	done
	wait 2>/dev/null || true
}
