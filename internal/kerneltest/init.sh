#!/bin/busybox sh
# Process 1 of the test machine: mounts what a Linux system has, loads the AppArmor policy that came along, runs the test
# between two marker lines that carry this run's random word, and switches the machine off.
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /root
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=dumb
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs run /run
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null
ln -s /proc/self/fd /dev/fd
ip link set lo up
. /kerneltest/env
for policy in /kerneltest/policy/*; do
	[ -f "$policy" ] && [ -f /sys/kernel/security/apparmor/.load ] || continue
	# One write(2) per file: the kernel takes a policy whole.
	dd if="$policy" of=/sys/kernel/security/apparmor/.load bs=16M 2>/tmp/load.err || {
		echo "kerneltest: cannot load policy ${policy##*/}:"
		cat /tmp/load.err
		dmesg | tail -n 5
	}
done
cd "$KERNELTEST_DIR" || echo "kerneltest: no directory $KERNELTEST_DIR"
echo "$KERNELTEST_WORD begin $(uname -r)"
sh /kerneltest/run
code=$?
[ "$code" = 0 ] || { echo "kerneltest: the kernel's last messages:"; dmesg | tail -n 30; }
echo "$KERNELTEST_WORD exit $code"
poweroff -f
