#!/bin/busybox sh
# The first process of a guest: what a system needs to be one, then the checks that the kernel's command line names, as an
# ordinary user. `condition:check` is a check under a condition of network.sh, which only root can make.
# Programs that busybox has, too, and can do less there, are named by their paths.
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin 2> /dev/null
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
chmod 666 /dev/null /dev/urandom
ifconfig lo 127.0.0.1 up
echo 1 > /proc/sys/kernel/yama/ptrace_scope
export PATH=/usr/bin:/usr/sbin HOME=/tmp
exec < /dev/null > /dev/console 2>&1
cd /tmp || poweroff -f
pages=$(sed -n '/^KernelPageSize: */{s///p;q}' /proc/1/smaps)
echo "GUEST Linux $(uname -r) on $(uname -m), pages of $pages, Yama $(cat /proc/sys/kernel/yama/ptrace_scope)"

. /opt/usercam/test/environments/network.sh
IFS=,
for check in $(sed 's/.*usercam\.checks=\([^ ]*\).*/\1/' /proc/cmdline); do
	unset IFS
	condition=${check%:*}
	test "$condition" = "$check" || begin_$condition
	CHECK_NAME=$check /usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-all \
		sh /opt/usercam/test/environments/checks.sh node /opt/usercam "${check##*:}"
	test "$condition" = "$check" || end_$condition
done
poweroff -f
