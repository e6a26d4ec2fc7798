# shellcheck shell=bash
# To be sourced. Debian's package of a program, without an installation.

# unpack PACKAGE FOLDER: takes Debian's package apart in a new folder. It says on stderr why it cannot, and is 77 then.
unpack() {
	local package=$1 folder=$2 log
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		echo "there is no apt-get to get the package $package with" >&2
		return 77
	fi
	mkdir -p "$folder"
	chmod 777 "$folder" # apt-get downloads as a user of its own
	log=$folder/apt.log
	if ! (cd "$folder" && apt-get download -qq "$package") >"$log" 2>&1; then
		apt-get update -qq >"$log" 2>&1 || true # the list may be old
		(cd "$folder" && apt-get download -qq "$package") >"$log" 2>&1 || {
			echo "apt-get gave no $package: $(tail -n 1 "$log")" >&2
			return 77
		}
	fi
	dpkg-deb -x "$folder/$package"_*.deb "$folder"
	rm -f "$folder/$package"_*.deb
}
