/** Recorded terminal output of testpmd from DPDK 22.11, without carriage returns. */

export const PORT_STATS = `
  ######################## NIC statistics for port 0  ########################
  RX-packets: 4          RX-missed: 0          RX-bytes:  8226
  RX-errors: 2
  RX-nombuf:  3         
  TX-packets: 62403      TX-errors: 12952416   TX-bytes:  3993792

  Throughput (since last show)
  Rx-pps:            0          Rx-bps:            0
  Tx-pps:            0          Tx-bps:            0
  ############################################################################
`;

export const XSTATS = `###### NIC extended statistics for port 0 
rx_good_packets: 0
tx_good_packets: 151404
rx_good_bytes: 0
tx_good_bytes: 9689856
rx_missed_errors: 0
rx_errors: 0
tx_errors: 28113024
rx_mbuf_allocation_errors: 0
rx_q0_packets: 0
rx_q0_bytes: 0
rx_q0_errors: 0
tx_q0_packets: 151404
tx_q0_bytes: 9689856
`;

export const PORT_INFO = `
********************* Infos for port 0  *********************
MAC address: 52:54:00:00:00:01
Device name: 0000:00:05.0
Driver name: net_avp
Firmware-version: not available
Devargs: 
Link status: up
Link speed: 10 Gbps
Link duplex: full-duplex
Autoneg status: Off
MTU: 1500
Promiscuous mode: enabled
Maximum number of MAC addresses: 1
VLAN offload: 
  strip off, filter off, extend off, qinq strip off
No RSS offload flow type is supported.
Minimum size of RX buffer: 64
Maximum configurable length of RX packet: 1518
Current number of RX queues: 1
Max possible RX queues: 8
`;

export const STOP = `
Telling cores to stop...
Waiting for lcores to finish...

  ---------------------- Forward statistics for port 0  ----------------------
  RX-packets: 0              RX-dropped: 0             RX-total: 0
  TX-packets: 17             TX-dropped: 3             TX-total: 20
  ----------------------------------------------------------------------------

  +++++++++++++++ Accumulated forward statistics for all ports+++++++++++++++
  RX-packets: 5              RX-dropped: 0             RX-total: 5
  TX-packets: 234267         TX-dropped: 87169125      TX-total: 87403392
  ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++

Done.
`;

/** Shortened to the cache counts of two of 128 cores. */
export const MEMPOOL = `mempool <mb_pool_0>@0x1035b3280
  flags=10
  socket_id=0
  size=4096
  populated_size=4096
  header_size=64
  internal cache infos:
    cache_size=250
    cache_count[0]=0
    cache_count[1]=245
    total_cache_count=245
  common_pool_count=3835
  no statistics available
`;

const PTYPE = 'sw ptype: L2_ETHER L3_IPV4 L4_UDP  - l2_len=14 - l3_len=20 - l4_len=8 - Receive queue=0x0';
const UNKNOWN = 'RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN RTE_MBUF_F_RX_OUTER_L4_CKSUM_UNKNOWN ';

/** A dump may follow the prompt, because it may come at any time. */
export const DUMP = `testpmd> port 0/queue 0: received 4 packets
  src=02:00:00:00:00:09 - dst=52:54:00:00:00:01 - pool=mb_pool_0 - type=0x0800 - length=62 - nb_segs=1 - ${PTYPE}
  ol_flags: ${UNKNOWN}
  src=02:00:00:00:00:09 - dst=52:54:00:00:00:01 - pool=mb_pool_0 - type=0x0800 - length=62 - nb_segs=1 - VLAN tci=0x123 - ${PTYPE}
  ol_flags: RTE_MBUF_F_RX_VLAN ${UNKNOWN}
  src=02:00:00:00:00:09 - dst=52:54:00:00:00:01 - pool=mb_pool_0 - type=0x0800 - length=8042 - nb_segs=4 - ${PTYPE}
  ol_flags: ${UNKNOWN}
avp_dev_interrupt_handler(): AVP migration interrupt handled
  src=FF:FF:FF:FF:FF:FF - dst=FF:FF:FF:FF:FF:FF - pool=mb_pool_0 - type=0xffff - length=60 - nb_segs=1 - sw ptype: L2_ETHER  - l2_len=14 - Receive queue=0x0
  ol_flags: ${UNKNOWN}
port 1/queue 3: sent 1 packets
  src=02:00:00:00:00:09 - dst=52:54:00:00:00:01 - pool=mb_pool_0 - type=0x0800 - length=64 - nb_segs=1 - ${PTYPE}
  ol_flags: ${UNKNOWN}
`;

/** A crash as the preloaded library reports it. */
export const SHIM_CRASH = `testpmd> start
io packet forwarding - ports=1
testpmd> 
avp-shim: signal 11 at address 0xffff81020e5d1af4
/CACHE/dpdk/shim-19a74ee767585394.so(+0x1594)[0x7fb901598594]
/lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7fb900391050]
/CACHE/dpdk/root/usr/lib/x86_64-linux-gnu/librte_net_avp.so.23(+0x589e)[0x7fb8ffea489e]
/CACHE/dpdk/root/usr/bin/dpdk-testpmd(+0x7bc57)[0x555bb7cbdc57]
avp-shim: end of backtrace
`;

/** A crash under gdb, which itself ends with status 0. */
export const GDB_CRASH = `testpmd> start
testpmd> 
Thread 3 "rte-worker-1" received signal SIGSEGV, Segmentation fault.
[Switching to Thread 0x7ffff60c0400 (LWP 25236)]
0x00007ffff68c789e in ?? () from /CACHE/dpdk/root/usr/lib/x86_64-linux-gnu/librte_net_avp.so.23
#0  0x00007ffff68c789e in ?? () from /CACHE/dpdk/root/usr/lib/x86_64-linux-gnu/librte_net_avp.so.23
#1  0x00005555555cfc57 in ?? ()
#2  0x00007ffff6e091f5 in start_thread (arg=<optimized out>) at ./nptl/pthread_create.c:442
`;
