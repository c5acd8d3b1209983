# Conditions of the network under which cameras have to work: begin_NAME and end_NAME, as root, in a machine that is there
# for nothing else.

# The kernel has less memory for TCP than what is in use: it is under pressure, and above its limit, all the time. (It takes
# memory a megabyte at a time, so somebody has to use some.)
begin_short_of_memory() {
	tcp_mem=$(cat /proc/sys/net/ipv4/tcp_mem)
	node -e '
const net = require("node:net");
net.createServer({ pauseOnConnect: true }, () => {}).listen(7000, () => {
	for (let i = 0; i < 32; i++) net.connect(7000, "127.0.0.1").write(Buffer.alloc(1 << 20));
});' &
	user=$!
	until grep -q '^TCP:.* mem [1-9]' /proc/net/sockstat; do kill -0 $user && sleep 0.1 || break; done
	echo 1 1 1 > /proc/sys/net/ipv4/tcp_mem
}

end_short_of_memory() {
	echo "$tcp_mem" > /proc/sys/net/ipv4/tcp_mem
	kill $user
}

begin_few_ports() {
	ports=$(cat /proc/sys/net/ipv4/ip_local_port_range)
	echo 61000 61003 > /proc/sys/net/ipv4/ip_local_port_range
}

end_few_ports() {
	echo "$ports" > /proc/sys/net/ipv4/ip_local_port_range
}

begin_no_ipv6() {
	echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
}

end_no_ipv6() {
	echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6
}

begin_no_loopback() {
	ifconfig lo down
}

end_no_loopback() {
	ifconfig lo up
}
