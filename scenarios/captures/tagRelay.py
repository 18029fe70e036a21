#!/usr/bin/env python3
"""Joins untagged Ethernet ports to a trunk with 802.1Q tags.

usage: tagRelay.py TRUNK PORT:VLAN:PRIORITY...

A frame from PORT goes out on TRUNK with a tag of that VLAN and priority; a frame from TRUNK
goes out on the PORT of its VLAN without the tag. Frames of other VLANs are dropped.
"""
import selectors
import socket
import struct
import sys

ALL_PROTOCOLS = 0x0003
VLAN_TYPE = 0x8100
SOL_PACKET = 263
PACKET_AUXDATA = 8
VLAN_VALID = 0x10
ADDRESSES = 12
LARGEST = 65536


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
    port.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    port.bind((name, ALL_PROTOCOLS))
    return port


def receive(port):
    """The next frame and its tag or None; no frame (None, None) for what this host sent."""
    frame, extra, _, sender = port.recvmsg(LARGEST, socket.CMSG_SPACE(20))
    if sender[2] == socket.PACKET_OUTGOING:
        return None, None
    # The kernel takes the tag out of a frame that it receives and hands it over beside it.
    for level, kind, data in extra:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tag, _ = struct.unpack('=IIIHHHH', data[:20])
            if status & VLAN_VALID:
                return frame, tag
    return frame, None


def main(trunk_name, ports):
    trunk = open_port(trunk_name)
    port_of_vlan = {}
    selector = selectors.DefaultSelector()
    selector.register(trunk, selectors.EVENT_READ)
    for name, vlan, priority in (port.split(':') for port in ports):
        port = open_port(name)
        port_of_vlan[int(vlan)] = port
        selector.register(port, selectors.EVENT_READ, int(priority) << 13 | int(vlan))
    print('relaying')
    while True:
        for key, _ in selector.select():
            frame, tag = receive(key.fileobj)
            if frame is None:
                continue
            if key.fileobj is not trunk:
                trunk.send(frame[:ADDRESSES] + struct.pack('>HH', VLAN_TYPE, key.data) + frame[ADDRESSES:])
            elif tag is not None and tag & 0xfff in port_of_vlan:
                port_of_vlan[tag & 0xfff].send(frame)


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
