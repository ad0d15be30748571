"""Raw frames for the comparison with this machine's kernel: sends them on the far ends of a node's
links and collects what leaves the node, with what it delivered to itself. Knows no protocol but the
address that marks the last packets of a round. Sources: packet(7), netlink(7), nfnetlink_log.h.

Arguments: the namespace of the links' far ends, the node's, and the devices.
Input and output are records: u16 device, u32 length, bytes. A device of END closes a round; on
input its length is the number of marks to wait for. Device LOCAL: a packet delivered to the node.
"""

import ctypes
import os
import select
import socket
import struct
import sys
import time

LOCAL, END = 0xFFFE, 0xFFFF
RECORD = struct.Struct("<HI")
MARK = bytes([192, 0, 2, 1])
GROUP = 5
NEWNET = 0x40000000
RECEIVE_BUFFER = 64 << 20
WAIT_SECONDS = 60


def enter(namespace):
    """Moves this process into a namespace; sockets opened there stay there."""
    with open(f"/var/run/netns/{namespace}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def open_link(device):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.setsockopt(socket.SOL_SOCKET, 33, RECEIVE_BUFFER)  # SO_RCVBUFFORCE
    link.bind((device, 0))
    return link


def open_log():
    """Subscribes to log group GROUP: whole packets, each at once."""
    log = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
    log.setsockopt(socket.SOL_SOCKET, 33, RECEIVE_BUFFER)
    log.bind((0, 0))
    bind = struct.pack("=HHB3x", 5, 1, 1)
    whole = struct.pack("=HH", 10, 2) + struct.pack(">IBx", 0xFFFF, 2) + b"\0\0"
    at_once = struct.pack("=HH", 8, 5) + struct.pack(">I", 1)
    for attributes in (bind, whole + at_once):
        body = struct.pack(">BBH", 0, 0, GROUP) + attributes
        header = struct.pack("=IHHII", 16 + len(body), 4 << 8 | 1, 1, 0, 0)
        log.send(header + body)
    return log


def logged_packets(message):
    """Payloads (NFULA_PAYLOAD) of the log messages in one datagram."""
    at = 0
    while at + 16 <= len(message):
        length, kind = struct.unpack_from("=IH", message, at)
        if kind == 4 << 8:
            attribute, end = at + 20, at + length
            while attribute + 4 <= end:
                size, name = struct.unpack_from("=HH", message, attribute)
                if name & 0x7FFF == 9:
                    yield message[attribute + 4 : attribute + size]
                attribute += (size + 3) & ~3
        at += max(16, (length + 3) & ~3)


def received(links, log):
    """Everything that is there now, as (device, bytes)."""
    for source in select.select([*links, log], [], [], 0.05)[0]:
        while True:
            try:
                data = source.recv(0x20000, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            if source is log:
                for packet in logged_packets(data):
                    yield LOCAL, packet
            else:
                yield links.index(source), data


def is_mark(device, data):
    network = 0 if device == LOCAL else 14
    return data[network] >> 4 == 4 and data[network + 12 : network + 16] == MARK


def finish_round(links, log, marks, output):
    until = time.monotonic() + WAIT_SECONDS
    while marks > 0:
        if time.monotonic() > until:
            sys.exit(f"{marks} of the packets that close a round did not come back")
        for device, data in received(links, log):
            if is_mark(device, data):
                marks -= 1
            else:
                output.write(RECORD.pack(device, len(data)) + data)
    output.write(RECORD.pack(END, 0))
    output.flush()


def main():
    far, node, *devices = sys.argv[1:]
    # Packets of one processor stay in order.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    enter(node)
    log = open_log()
    enter(far)
    links = [open_link(device) for device in devices]
    while header := sys.stdin.buffer.read(RECORD.size):
        device, length = RECORD.unpack(header)
        if device == END:
            finish_round(links, log, length, sys.stdout.buffer)
        else:
            links[device].send(sys.stdin.buffer.read(length))


main()
