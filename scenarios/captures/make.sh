#!/bin/bash
# Makes the captures beside this script anew: traffic of the kernel's own network stack between
# network namespaces that exist only while it runs. See README.md.
set -euo pipefail

readonly LEFT=avpcap-left RIGHT=avpcap-right TRUNK=avpcap-trunk
HERE=$(cd "$(dirname "$0")" && pwd)
readonly HERE
WORK=$(mktemp -d)
readonly WORK
# Processes to end, by id; tcpdump apart, as it ends first and by another signal.
STARTED=()
CAPTURE_PID=

main() {
  trap clean_up EXIT
  check_tools
  # The loader of TypeScript is found from here.
  cd "$HERE/../.."
  make_plain_link 1500
  run_and_record "$LEFT" lan0 micro
  run_traffic 192.0.2.2 2001:db8::2 1500 32768
  stop_recording
  cp "$WORK/ordered.pcap" "$HERE/mixed-1500.pcap"
  drop_namespaces

  make_plain_link 9000
  run_and_record "$LEFT" lan0 nano
  run_traffic 192.0.2.2 2001:db8::2 9000 131072
  stop_recording
  # Another tool's pcapng, so that not all that the reader reads is the work of our own writer.
  editcap -F pcapng -a '1:the first frame: the link has just come up' "$WORK/ordered.pcap" "$HERE/jumbo-9000.pcapng"
  drop_namespaces

  make_tagged_link 100:0:1500 200:5:9000 4094:7:1500
  run_and_record "$TRUNK" trunk0 nano
  run_traffic 10.0.100.2 2001:db8:100::2 1500 8192
  run_traffic 10.0.200.2 2001:db8:200::2 9000 49152
  run_traffic 10.0.254.2 2001:db8:4094::2 1500 4096
  stop_recording
  ts toPcapng.ts "$WORK/ordered.pcap" "$HERE/tagged.pcapng" trunk0
  drop_namespaces

  check_captures
}

# --- What the script needs ---

check_tools() {
  local lacking=() tool
  for tool in ip:iproute2 ethtool:ethtool tcpdump:tcpdump ping:iputils-ping dnsmasq:dnsmasq-base \
    reordercap:wireshark-common tshark:tshark python3:python3 node:nodejs; do
    command -v "${tool%%:*}" > /dev/null || lacking+=("${tool##*:}")
  done
  if ((${#lacking[@]} > 0)); then
    fail "lacks tools; install them first: apt-get install --no-install-recommends ${lacking[*]}"
  fi
  [[ $(id -u) == 0 ]] || fail 'makes network namespaces, so run it as root'
}

fail() {
  echo "make.sh: $*" >&2
  exit 2
}

ts() {
  node --conditions=source -r ./testbench/runtime/loadSource.cjs "$HERE/$1" "${@:2}"
}

# --- Namespaces and links ---

# Two namespaces and one link between them. The right end stays down until run_and_record.
make_plain_link() {
  local mtu=$1
  ip netns add "$LEFT"
  ip netns add "$RIGHT"
  ip -n "$LEFT" link add lan0 type veth peer name lan0 netns "$RIGHT"
  set_up_end "$LEFT" lan0 02:00:00:00:00:01 192.0.2.1 2001:db8::1 "$mtu"
  set_up_end "$RIGHT" lan0 02:00:00:00:00:02 192.0.2.2 2001:db8::2 "$mtu"
  ip -n "$LEFT" link set lan0 up
}

# Two namespaces with an untagged link for each VLAN (given as id:priority:mtu) to a third one,
# where two relays carry the frames over one trunk, tagged. So it works on a kernel that has no
# VLAN interfaces.
make_tagged_link() {
  ip netns add "$LEFT"
  ip netns add "$RIGHT"
  ip netns add "$TRUNK"
  # The trunk's namespace only relays: it must send nothing of its own.
  ip netns exec "$TRUNK" sh -c 'for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done'
  ip -n "$TRUNK" link add trunk0 type veth peer name trunk1
  set_up_relay_port trunk0 9000
  set_up_relay_port trunk1 9000
  local vlan id priority mtu left_ports=() right_ports=() net=0
  for vlan in "$@"; do
    IFS=: read -r id priority mtu <<< "$vlan"
    # 254 stands for 4094 in an IPv4 address.
    net=$((id > 254 ? 254 : id))
    make_untagged_link "$LEFT" "lan$id" "left$id" 1 "$id" "$net" "$mtu"
    make_untagged_link "$RIGHT" "lan$id" "right$id" 2 "$id" "$net" "$mtu"
    left_ports+=("left$id:$id:$priority")
    right_ports+=("right$id:$id:$priority")
  done
  start_relay trunk0 "${left_ports[@]}"
  start_relay trunk1 "${right_ports[@]}"
  ip -n "$LEFT" -o link show | grep -o 'lan[0-9]*' | sort -u | while read -r port; do
    ip -n "$LEFT" link set "$port" up
  done
}

make_untagged_link() {
  local namespace=$1 port=$2 relay_port=$3 host=$4 id=$5 net=$6 mtu=$7
  ip -n "$namespace" link add "$port" type veth peer name "$relay_port" netns "$TRUNK"
  set_up_end "$namespace" "$port" "02:00:00:00:$(printf %02x "$net"):0$host" \
    "10.0.$net.$host" "2001:db8:$id::$host" "$mtu"
  set_up_relay_port "$relay_port" "$mtu"
}

set_up_end() {
  local namespace=$1 port=$2 mac=$3 ipv4=$4 ipv6=$5 mtu=$6
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link set "$port" address "$mac" mtu "$mtu"
  no_offloads "$namespace" "$port"
  ip -n "$namespace" addr add "$ipv4/24" dev "$port"
  ip -n "$namespace" addr add "$ipv6/64" dev "$port"
}

set_up_relay_port() {
  local port=$1 mtu=$2
  no_offloads "$TRUNK" "$port"
  ip -n "$TRUNK" link set "$port" mtu "$mtu" up
}

# With these off, a frame is recorded as it would be on a cable: whole checksums, one segment.
no_offloads() {
  ip netns exec "$1" ethtool -K "$2" tx off rx off sg off tso off gso off gro off > /dev/null
}

start_relay() {
  start relay "$TRUNK" python3 -u "$HERE/tagRelay.py" "$@"
  wait_for "$WORK/relay.log" relaying
}

drop_namespaces() {
  end_started
  local namespace
  for namespace in "$LEFT" "$RIGHT" "$TRUNK"; do
    ip netns del "$namespace" 2> /dev/null || true
  done
}

# --- Processes ---

# start NAME NAMESPACE COMMAND...: runs it in the background; its output is in NAME.log.
start() {
  local name=$1 namespace=$2
  : > "$WORK/$name.log"
  ip netns exec "$namespace" "${@:3}" >> "$WORK/$name.log" 2>&1 &
  STARTED+=($!)
}

wait_for() {
  local log=$1 text=$2
  for _ in $(seq 100); do
    if grep -q "$text" "$log"; then
      return
    fi
    sleep 0.1
  done
  cat "$log" >&2
  fail "waited 10 s in vain for '$text'"
}

end_started() {
  local pid
  for pid in "${STARTED[@]}"; do
    kill "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
  STARTED=()
}

clean_up() {
  end_recording
  drop_namespaces
  rm -rf "$WORK"
}

# --- Recording and traffic ---

# Starts the servers and the recording, and only then brings the link up, so that duplicate
# address detection and router solicitation are recorded too.
run_and_record() {
  local namespace=$1 port=$2 precision=$3
  start dns "$RIGHT" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --no-resolv --no-hosts \
    --pid-file --log-facility=- --host-record=bench.test,192.0.2.2,2001:db8::2 --local=/test/ \
    '--txt-record=bench.test,a text record'
  wait_for "$WORK/dns.log" started
  start server "$RIGHT" node --conditions=source -r ./testbench/runtime/loadSource.cjs "$HERE/traffic.ts" serve
  wait_for "$WORK/server.log" ready
  start tcpdump "$namespace" tcpdump --interface "$port" --time-stamp-precision "$precision" \
    --snapshot-length 0 --immediate-mode -Z root -w "$WORK/recorded.pcap"
  CAPTURE_PID=$!
  unset 'STARTED[-1]'
  wait_for "$WORK/tcpdump.log" 'listening on'
  ip -n "$RIGHT" -o link show | grep -o 'lan[0-9]*' | sort -u | while read -r port; do
    ip -n "$RIGHT" link set "$port" up
  done
  wait_until_addresses_hold
}

wait_until_addresses_hold() {
  local namespace
  for namespace in "$LEFT" "$RIGHT"; do
    for _ in $(seq 100); do
      [[ -n $(ip -n "$namespace" -6 addr show tentative) ]] || break
      sleep 0.1
    done
  done
}

run_traffic() {
  local ipv4=$1 ipv6=$2 mtu=$3 tcp_bytes=$4
  ip netns exec "$LEFT" ping -q -c 2 -i 0.2 "$ipv4" > /dev/null
  ip netns exec "$LEFT" ping -q -c 1 -M do -s $((mtu - 28)) "$ipv4" > /dev/null
  ip netns exec "$LEFT" ping -q -c 2 -i 0.2 "$ipv6" > /dev/null
  ip netns exec "$LEFT" node --conditions=source -r ./testbench/runtime/loadSource.cjs \
    "$HERE/traffic.ts" talk "$ipv4" "$ipv6" "$mtu" "$tcp_bytes"
}

stop_recording() {
  # Late frames: the last acknowledgements, and neighbours that are asked whether they still live.
  sleep 6
  end_recording
  grep -q '^0 packets dropped by kernel' "$WORK/tcpdump.log" || fail 'tcpdump has lost frames; run again'
  # Two processors can hand over frames a few microseconds out of order.
  reordercap "$WORK/recorded.pcap" "$WORK/ordered.pcap" > /dev/null
}

end_recording() {
  if [[ -n $CAPTURE_PID ]]; then
    kill -INT "$CAPTURE_PID" 2> /dev/null || true
    wait "$CAPTURE_PID" || true
    CAPTURE_PID=
  fi
}

# --- Checks by another tool ---

check_captures() {
  local file bad
  for file in "$HERE"/*.pcap "$HERE"/*.pcapng; do
    bad=$(tshark -r "$file" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
      -Y 'ip.checksum.status==0 || tcp.checksum.status==0 || udp.checksum.status==0 || icmp.checksum.status==0 ||
          icmpv6.checksum.status==0 || _ws.malformed || frame.cap_len != frame.len' 2> /dev/null)
    [[ -z $bad ]] || fail "tshark finds fault with $file: $bad"
  done
  ts describe.ts "$HERE"/*.pcap "$HERE"/*.pcapng
}

main "$@"
