#!/bin/sh
':' /*
# Started as a program this file is a script for the shell, which puts Node in its own place; for Node all this is a
# comment. Node sets all signals to default and unblocks them before it runs a line, and the kernel keeps no record: so
# the shell notes which were ignored and blocked, in a process of its own, where no shell has signals of its own. And
# shells change the environment: so a copy of this process is left behind whose /proc/PID/environ shows what was given.
# It waits for the end of a pipe that Node has. And Node opens descriptors of its own, of all kinds: so the numbers are noted
# of those that were open before, also of the first three, which Node opens if they were not. Where one of it is missing the
# command gets what Node knows.
set +f
usercam_open=
usercam_script=
for usercam_fd in /proc/self/fd/*; do
	case $usercam_fd in
	# This file, as the shell has opened it to read it: above what scripts can name, and in some not close-on-exec. Where
	# there is no standard error bash leaves it there too.
	/proc/self/fd/2 | /proc/self/fd/[0-9][0-9]*) [ "$usercam_fd" -ef "$0" ] && usercam_script=$usercam_fd && continue ;;
	esac
	# The list itself is closed by now.
	[ -L "$usercam_fd" ] && usercam_open="$usercam_open ${usercam_fd#/proc/self/fd/}"
done
# A list without this file is none.
[ -n "$usercam_script" ] || usercam_open=' -'
usercam_signals=$(
	while read -r name value; do
		case $name in
		SigBlk:) blocked=$value ;;
		SigIgn:) echo "$value $blocked" && break ;;
		esac
	done 2>/dev/null </proc/self/status
)
usercam_free=
for usercam_fd in 9 8 7 6 5 4 3; do
	[ -L "/proc/self/fd/$usercam_fd" ] || usercam_free=$usercam_free$usercam_fd
done
# That is nobody, and a limit of descriptors that is not known: where no two are free that a script can name.
usercam_keeper='0 -'
if [ -n "$usercam_signals" ] && [ "${#usercam_free}" -ge 2 ]; then
	usercam_other=${usercam_free#?}
	usercam_read=${usercam_free%"$usercam_other"}
	usercam_write=${usercam_other%"${usercam_other#?}"}
	# The text of a here-document is in a pipe, which can be opened a second time.
	eval "command exec $usercam_read<<END $usercam_write>/proc/self/fd/$usercam_read
first line
END
{ read -r line; read -r line; } <&$usercam_read $usercam_read<&- $usercam_write>&- 2>/dev/null &"
	# Orders to Node are meant for the command. Where the text is in a file that process has ended, and what it was given is lost.
	[ -p "/proc/self/fd/$usercam_read" ] &&
		unset NODE_OPTIONS NODE_V8_COVERAGE NODE_DEBUG NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE
	eval "exec $usercam_read<&-"
	usercam_keeper="$! $usercam_write"
fi
[ -n "$usercam_signals" ] && export USERCAM_GIVEN="$usercam_signals $usercam_keeper$usercam_open"
exec "${USERCAM_NODE:-node}" "$0" "$@"
*/
const [major, minor] = process.versions.node.split('.').map(Number);
// What follows an older one cannot read.
if (major > 20 || (major === 20 && minor >= 19)) require('../dist/src/bundle/main.js');
else {
  process.stderr.write(`usercam: Node ${process.versions.node} is too old; 20.19 or newer is needed\n`);
  process.exitCode = 2;
}
