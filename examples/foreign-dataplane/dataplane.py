"""A very small Kubernetes dataplane: ClusterIP Services over IPv4, TCP and UDP, for one node.

It speaks podplane's pipe protocol (docs/reference/pipe-protocol.md), so that podplane can test it:

    npx podplane fuzz --subject 'python3 examples/foreign-dataplane/dataplane.py' --runs 1000

The environment variable BUG plants one of three mistakes: checksum, reply, affinity. Python 3 and
nothing else.
"""

import json
import os
import random
import struct
import sys

BUG = os.environ.get("BUG", "")
TCP, UDP = 6, 17
NUMBERS = {"TCP": TCP, "UDP": UDP}


def address_bytes(text):
    return bytes(int(part) for part in text.split("."))


def address_text(octets):
    return ".".join(str(octet) for octet in octets)


def checksum(octets):
    """RFC 1071, four bytes at a time."""
    octets += bytes(-len(octets) % 4)
    total = sum(struct.unpack(f"!{len(octets) // 4}I", octets))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    total = (total & 0xFFFF) + (total >> 16)
    if BUG != "checksum":  # The sum of two halves may need one bit more than there is room for.
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """An IPv4 packet with a TCP or UDP header; the ends are (address, port)."""

    def __init__(self, octets):
        self.octets = bytearray(octets)
        self.at = (octets[0] & 15) * 4
        self.protocol = octets[9]
        source_port, destination_port = struct.unpack_from("!HH", octets, self.at)
        self.source = (address_text(octets[12:16]), source_port)
        self.destination = (address_text(octets[16:20]), destination_port)

    def tuple(self):
        return (self.protocol, self.source, self.destination)

    def leave(self, source, destination, is_forwarded):
        """The bytes with other ends, one hop further on, with checksums of their own."""
        out = self.octets
        out[8] -= 1 if is_forwarded else 0
        out[12:20] = address_bytes(source[0]) + address_bytes(destination[0])
        struct.pack_into("!HH", out, self.at, source[1], destination[1])
        struct.pack_into("!H", out, 10, 0)
        struct.pack_into("!H", out, 10, checksum(bytes(out[: self.at])))
        field = self.at + (16 if self.protocol == TCP else 6)
        struct.pack_into("!H", out, field, 0)
        pseudo = bytes(out[12:20]) + struct.pack("!HH", self.protocol, len(out) - self.at)
        value = checksum(pseudo + bytes(out[self.at :]))
        if self.protocol == UDP and value == 0:
            value = 0xFFFF  # RFC 768: zero means that there is no checksum.
        struct.pack_into("!H", out, field, value)
        return bytes(out)


class Connection:
    """Both tuples, as packets of either direction arrive, and where it really goes."""

    def __init__(self, original, reply):
        self.original, self.reply = original, reply

    def ends_of(self, arriving):
        """The ends that a packet of this tuple leaves with: the other direction, turned round."""
        _, source, destination = self.reply if arriving == self.original else self.original
        return destination, source


class Node:
    def __init__(self, name):
        self.name = name
        self.objects = {}
        self.connections = {}
        self.affinities = {}  # (service port, client) -> (endpoint, when it ends)
        self.frontends = {}  # (protocol, address, port) -> (service port, affinity in ms or None)
        self.endpoints = {}  # service port -> list of (address, port)
        self.pods = {}  # address -> port of the node
        self.own = set()  # addresses of the node itself
        self.now = 0
        self.draw = random.Random(1)  # The same choices in every run: failures can be repeated.

    def apply(self, objects):
        for item in objects:
            meta = item["metadata"]
            self.objects[item["kind"], meta.get("namespace", ""), meta["name"]] = item
        self.compile()

    def delete(self, references):
        for item in references:
            del self.objects[item["kind"], item["namespace"], item["name"]]
        self.compile()

    def of_kind(self, kind):
        return [item for (known, _, _), item in self.objects.items() if known == kind]

    def compile(self):
        self.frontends, self.endpoints, self.pods, self.own = {}, {}, {}, set()
        for node in self.of_kind("Node"):
            if node["metadata"]["name"] == self.name:
                self.own = {entry["address"] for entry in node["status"]["addresses"]}
        for pod in self.of_kind("Pod"):
            spec, meta = pod["spec"], pod["metadata"]
            if spec.get("nodeName") == self.name and not spec.get("hostNetwork"):
                port = f"pod/{meta['namespace']}/{meta['name']}"
                self.pods.update({entry["ip"]: port for entry in pod["status"]["podIPs"]})
        for service in self.of_kind("Service"):
            self.compile_service(service["metadata"], service["spec"])
        for slice_ in self.of_kind("EndpointSlice"):
            self.compile_slice(slice_)
        self.forget()

    def compile_service(self, meta, spec):
        affinity = None
        if spec.get("sessionAffinity") == "ClientIP":
            config = spec.get("sessionAffinityConfig", {}).get("clientIP", {})
            affinity = config.get("timeoutSeconds", 10800) * 1000
        for port in spec["ports"]:
            key = (meta["namespace"], meta["name"], port.get("name", ""), port["protocol"])
            for address in spec.get("clusterIPs", []):
                place = (NUMBERS[port["protocol"]], address, port["port"])
                self.frontends[place] = (key, affinity)

    def compile_slice(self, slice_):
        meta = slice_["metadata"]
        service = meta["labels"]["kubernetes.io/service-name"]
        for port in slice_["ports"]:
            key = (meta["namespace"], service, port.get("name", ""), port["protocol"])
            known = self.endpoints.setdefault(key, [])
            for endpoint in slice_["endpoints"]:
                place = (endpoint["addresses"][0], port["port"])
                if place in known:  # Of duplicates the later one counts.
                    known.remove(place)
                if endpoint.get("conditions", {}).get("ready", True):
                    known.append(place)

    def forget(self):
        """Affinities of endpoints that are gone, and UDP connections to them, as kube-proxy does."""
        sticky = {key for key, affinity in self.frontends.values() if affinity is not None}
        self.affinities = {
            (key, client): kept
            for (key, client), kept in self.affinities.items()
            if key in sticky and kept[0] in self.endpoints.get(key, [])
        }
        for connection in set(self.connections.values()):
            protocol, _, dialled = connection.original
            key, _ = self.frontends.get((protocol, *dialled), (None, None))
            serving = self.endpoints.get(key, [])
            is_stale = bool(serving) and connection.reply[1] not in serving
            if is_stale and (protocol == UDP or BUG == "reply"):
                del self.connections[connection.original]
                del self.connections[connection.reply]

    def process(self, port, octets):
        packet = Packet(octets)
        arriving = packet.tuple()
        connection = self.connections.get(arriving) or self.open(packet)
        source, destination = connection.ends_of(arriving)
        target = self.port_to(destination[0])
        is_forwarded = port != "host" and target != "host"
        out = packet.leave(source, destination, is_forwarded)
        verdict = "local" if target == "host" else "forward"
        return {"verdict": verdict, "port": target, "hex": out.hex()}

    def port_to(self, address):
        return "host" if address in self.own else self.pods.get(address, "uplink")

    def open(self, packet):
        protocol, source, destination = arriving = packet.tuple()
        key, affinity = self.frontends.get((protocol, *destination), (None, None))
        endpoint = destination if key is None else self.choose(key, affinity, source[0])
        reply = (protocol, endpoint, source)
        port = 1024
        while reply in self.connections:  # Another connection has these ends: take another port.
            reply = (protocol, endpoint, (source[0], port))
            port += 1
        connection = Connection(arriving, reply)
        self.connections[arriving] = self.connections[reply] = connection
        return connection

    def choose(self, key, affinity, client):
        endpoint, ends = self.affinities.get((key, client), (None, 0))
        if affinity is None or ends <= self.now or BUG == "affinity":
            endpoint = self.draw.choice(self.endpoints[key])
        if affinity is not None:
            self.affinities[key, client] = (endpoint, self.now + affinity)
        return endpoint

    def dump(self):
        pairs = {id(known): known for known in self.connections.values()}.values()
        return [f"{known.original} <- {known.reply}" for known in pairs]


def answer(node, request):
    if "apply" in request:
        node.apply(request["apply"])
    elif "delete" in request:
        node.delete(request["delete"])
    elif "clock" in request:
        node.now = request["clock"]
    elif "packet" in request:
        packet = request["packet"]
        return node.process(packet["port"], bytes.fromhex(packet["hex"]))
    elif "dump" in request:
        return {"dump": node.dump()}
    else:
        return {"error": f"unknown request: {', '.join(request)}"}
    return {}


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main():
    claims = {"protocols": ["TCP", "UDP"], "features": ["cluster-ip", "session-affinity"]}
    say({"hello": 1, "name": "a very small dataplane", **claims})
    node = None
    for line in sys.stdin:
        request = json.loads(line)
        number = request.pop("id")
        if "start" in request:
            node = Node(request["start"]["node"])
            say({"id": number})
        else:
            say({"id": number, **answer(node, request)})


if __name__ == "__main__":
    main()
