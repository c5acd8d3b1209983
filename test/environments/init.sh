#!/bin/busybox sh
# The first process of a guest: what a system needs to be one, then the checks as an ordinary user.
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
echo "GUEST Linux $(uname -r) on $(uname -m), Yama $(cat /proc/sys/kernel/yama/ptrace_scope)"
/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-all \
	sh /opt/usercam/test/environments/checks.sh node /opt/usercam
poweroff -f
