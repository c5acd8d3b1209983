#!/bin/sh
# What has to work wherever usercam says it works: checks.sh NODE USERCAM, as an ordinary user.
#
# Prints a line for each check, `CHECK name ok|FAIL seconds`, and what a check has said if it failed.
# Needs nothing but POSIX utilities, setsid, v4l2-ctl and v4l2-compliance.
NODE=$1
USERCAM=$2
QQVGA=$((2 * 160 * 120))
small=vivi,size=160x120

usercam() {
	"$NODE" "$USERCAM/bin/usercam.js" "$@"
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

# It streams for longer than usercam would wait for one that does not use a camera.
check_orphan() {
	script='setsid v4l2-ctl --stream-mmap --stream-count=60 --stream-to=frames > words 2>&1 & exit 3'
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
	cat words
	grep -q 'Failed: 0, Warnings: 0$' words
}

now() {
	date +%s
}

for name in doctor mmap read orphan loopback compliance; do
	rm -f frames words sent got
	began=$(now)
	if check_$name > said 2>&1; then result=ok; else result=FAIL; fi
	test $result = ok || tail -n 30 said
	echo "CHECK $name $result $(($(now) - began))"
done
