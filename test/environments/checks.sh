#!/bin/sh
# What has to work wherever usercam says it works: checks.sh NODE USERCAM [CHECK...], as an ordinary user.
#
# Prints a line for each check, `CHECK name ok|FAIL seconds`, and what a check has said if it failed. (CHECK_NAME in the
# environment is another name for it.) Needs nothing but POSIX utilities, setsid, v4l2-ctl and v4l2-compliance, or what the
# tests of the door need.
NODE=$1
USERCAM=$2
shift 2
test $# -gt 0 || set -- doctor mmap read orphan loopback compliance
QQVGA=$((2 * 160 * 120))
small=vivi,size=160x120

# Ends what hangs, on an emulated processor of a busy machine too.
LIMIT=900

usercam() {
	timeout $LIMIT "$NODE" "$USERCAM/bin/usercam.js" "$@"
}

# The file $1 holds $2 bytes, and not one and the same.
holds() {
	test "$(wc -c < "$1")" -eq "$2" && test "$(head -c 10000 "$1" | tr -d '\020\200' | wc -c)" -gt 0
}

check_doctor() {
	usercam doctor
}

check_mmap() {
	usercam run --camera $small -- v4l2-ctl --stream-mmap --stream-count=30 --stream-to=frames &&
		holds frames $((30 * QQVGA))
}

check_read() {
	usercam run --camera $small -- head -c $((10 * QQVGA)) /dev/video0 > frames &&
		holds frames $((10 * QQVGA))
}

# It streams when its parent ends, and for longer than usercam would wait for one that does not use a camera.
check_orphan() {
	script='
setsid v4l2-ctl --stream-mmap --stream-count=60 --stream-to=frames > words 2>&1 &
until test -s frames; do
	kill -0 $! || exit
	sleep 0.1
done
exit 3'
	usercam run --camera $small -- sh -c "$script"
	test $? -eq 3 && holds frames $((60 * QQVGA))
}

# One frame of noise, again and again; the other side sees it.
check_loopback() {
	head -c $QQVGA /dev/urandom > sent
	script='
v4l2-ctl -d 0 --stream-out-mmap --stream-from=sent --stream-loop > words 2>&1 &
until tail -c "$0" got 2> /dev/null | cmp -s - sent; do
	kill -0 $! || exit
	v4l2-ctl -d 1 --stream-mmap --stream-count=4 --stream-to=got > words 2>&1 || exit
done
kill $!'
	usercam run --camera loopback,size=160x120 -- sh -c "$script" $QQVGA
}

check_compliance() {
	usercam run --camera $small,fps=max -- v4l2-compliance -s 5 > words
	code=$?
	cat words
	echo "exit code $code"
	grep -q 'Failed: 0, Warnings: 0$' words
}

# On a kernel that is too old: one sentence, and nothing is started.
check_refusal() {
	usercam run --camera $small -- echo started > words 2>&1
	test $? -eq 2 && test "$(wc -l < words)" -eq 1 && grep 'too old; 5.14 or newer is needed' words || { cat words; false; }
	usercam doctor | grep 'too old; 5.14 or newer is needed'
}

# Of several planes each has an offset of its own, which is a number of whole pages.
check_planes() {
	usercam run --camera vivi-mplane,size=160x120 -- \
		v4l2-ctl --stream-mmap --stream-count=10 --stream-to=frames && holds frames "$(wc -c < frames)"
}

# Test clients in each of their modes, under one usercam: clients CAMERA NAME MODE... They print JSON.
clients() {
	camera=$1
	shift
	usercam run --camera "$camera" --camera vivi,read=no -- sh -c '
name=$0
for mode; do
	"$name" $mode > answer && grep -q "\"wrong\": *0[,}]" answer || { echo "$name $mode"; cat answer; wrong=1; }
done
test -z "$wrong"' "$@"
}

check_identity() {
	clients vivi,fps=60 /opt/clients/identity \
		map-threads map-epoll map-fork map-send map-copied reopen dup-onto edges
}

check_sleepers() {
	clients vivi,read=no /opt/clients/sleepers \
		exec-main exec-thread signal-two signal-leaderless stop trace end-asleep
}

check_holders() {
	clients vivi,read=no /opt/clients/holders churn many-files close-race close-used mapped in-flight
}

# A signal in the middle of a wait interrupts the right call. (An emulated processor has no time for many of them.)
check_signals() {
	usercam run --camera vivi,fps=1 -- sh -c '
for mode in restart norestart; do
	/opt/clients/interrupt $mode || exit
done'
}

tests() {
	export USERCAM_TEST_SLOWNESS=20 USERCAM_TEST_USABLE='{"gcc":"/usr/bin/gcc"}'
	timeout $LIMIT "$NODE" --test --test-reporter=spec "$USERCAM/dist/test/$1.test.js"
}

# What poll faces show, in every way, without the door.
check_face() {
	tests syscalls/poll-face
}

# Who waits for events, who for frames.
check_waiters() {
	tests door/waiters
}

check_walk() {
	export USERCAM_TEST_SLOWNESS=20 USERCAM_TEST_USABLE='{"gcc":"/usr/bin/gcc"}'
	timeout $LIMIT "$NODE" "$USERCAM/dist/test/walk/main.js" 400 1
}

now() {
	date +%s
}

for name; do
	rm -f frames words sent got
	began=$(now)
	if check_$name > said 2>&1; then result=ok; else result=FAIL; fi
	test $result = ok || tail -n 30 said
	echo "CHECK ${CHECK_NAME:-$name} $result $(($(now) - began))"
done
