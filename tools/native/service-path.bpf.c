// The path of a packet to a Service as programs for the kernel write it, in two forms: with
// connection tracking, Services, endpoints and policy in maps of their own, and with one cache of
// flows in front of them. `feed` gives them a different packet each time that the kernel's
// test-run repeats it. Sources: RFC 1624; bpf-helpers(7).
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "service-path.h"

#define MAP(kind, keys, values, size) \
  struct { __uint(type, kind); __uint(max_entries, size); __type(key, keys); __type(value, values); }

char LICENSE[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct frame);
} frames SEC(".maps");
MAP(BPF_MAP_TYPE_PROG_ARRAY, __u32, __u32, 1) programs SEC(".maps");
MAP(BPF_MAP_TYPE_LRU_HASH, struct tuple, struct connection, 1) connections SEC(".maps");
MAP(BPF_MAP_TYPE_LRU_HASH, struct tuple, struct flow, 1) flows SEC(".maps");
MAP(BPF_MAP_TYPE_HASH, struct service_key, struct service, 65536) services SEC(".maps");
MAP(BPF_MAP_TYPE_ARRAY, __u32, struct endpoint, 262144) endpoints SEC(".maps");
MAP(BPF_MAP_TYPE_HASH, struct policy_key, struct policy, 16384) policies SEC(".maps");

/** The only variable, so that it is at the beginning of its section. */
struct control control = {};

/** A packet, as far as the path reads it. */
struct packet {
  struct ethhdr *ethernet;
  struct iphdr *ip;
  struct tcphdr *tcp;
  struct tuple tuple;
  __u32 bytes;
};

SEC("xdp") int feed(struct xdp_md *context) {
  __u32 number = control.next_frame;
  const struct frame *from = bpf_map_lookup_elem(&frames, &number);
  struct frame *to = (void *)(long)context->data;
  if (!from || (void *)(to + 1) > (void *)(long)context->data_end) return XDP_ABORTED;
  control.next_frame = number + 1 < control.frames ? number + 1 : 0;
#pragma unroll
  for (int word = 0; word < FRAME_BYTES / 8; word++) to->words[word] = from->words[word];
  bpf_tail_call(context, &programs, 0);
  return XDP_ABORTED;
}

/** What `feed` alone costs. */
SEC("xdp") int nothing(struct xdp_md *context) { return XDP_TX; }

/** Whether it is a sound TCP segment of IPv4 without options. */
static __always_inline int parse(struct xdp_md *context, struct packet *packet) {
  void *data = (void *)(long)context->data, *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = data;
  struct iphdr *ip = (void *)(ethernet + 1);
  struct tcphdr *tcp = (void *)(ip + 1);
  if ((void *)(tcp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP)) return 0;
  if (ip->version != 4 || ip->ihl != 5 || ip->ttl <= 1) return 0;
  if (ip->protocol != IPPROTO_TCP || (ip->frag_off & bpf_htons(0x3fff))) return 0;
  *packet = (struct packet){.ethernet = ethernet, .ip = ip, .tcp = tcp, .bytes = end - data};
  packet->tuple = (struct tuple){.source = ip->saddr, .destination = ip->daddr,
      .source_port = tcp->source, .destination_port = tcp->dest, .protocol = IPPROTO_TCP};
  return 1;
}

/** The sum of an address's words less that of another's, in one's complement. */
static __always_inline __u32 change_of(__u32 from, __u32 to) {
  return (~from & 0xffff) + (~from >> 16) + (to & 0xffff) + (to >> 16);
}

static __always_inline __u16 changed(__u16 checksum, __u32 change) {
  __u32 sum = (__u16)~checksum + change;
  sum = (sum & 0xffff) + (sum >> 16);
  return ~((sum & 0xffff) + (sum >> 16));
}

/** Rewrites destination, TTL and Ethernet addresses, and sends it back. */
static __always_inline int rewrite(struct packet *packet, const struct flow *flow) {
  const __u32 ttl_change = bpf_htons(0xfeff);
  packet->ip->daddr = flow->address;
  packet->ip->ttl--;
  packet->ip->check = changed(packet->ip->check, flow->header_change + ttl_change);
  packet->tcp->dest = flow->port;
  packet->tcp->check = changed(packet->tcp->check, flow->segment_change);
  __u32 *addresses = (__u32 *)packet->ethernet;
  addresses[0] = 0x02000202;
  addresses[1] = 0x00020001;
  addresses[2] = 0x01020000;
  return XDP_TX;
}

static __always_inline __u32 hash_of(const struct tuple *tuple) {
  __u32 hash = tuple->source * 0x9e3779b1u;
  hash ^= ((__u32)tuple->source_port << 16 | tuple->destination_port) * 0x85ebca77u;
  hash = (hash ^ (hash >> 15)) * 0xc2b2ae3du;
  return hash ^ (hash >> 13);
}

/** What an address stands for in policies: numbered, as if it had been looked up. */
static __always_inline __u32 identity_of(__u32 address) {
  return FIRST_IDENTITY + (bpf_ntohl(address) & (IDENTITIES - 1));
}

/** By port, else by any port. */
static __always_inline int may_pass(__u32 identity, __u16 port) {
  struct policy_key key = {.identity = identity, .port = port, .protocol = IPPROTO_TCP};
  struct policy *policy = bpf_map_lookup_elem(&policies, &key);
  if (!policy) {
    key.port = 0;
    policy = bpf_map_lookup_elem(&policies, &key);
  }
  if (!policy) return 0;
  policy->packets++;
  return policy->flags == 0;
}

static __always_inline struct service *service_of(const struct tuple *tuple) {
  struct service_key key = {
      .address = tuple->destination, .port = tuple->destination_port, .protocol = IPPROTO_TCP};
  return bpf_map_lookup_elem(&services, &key);
}

static __always_inline __u32 choose(const struct service *service, const struct tuple *tuple) {
  return service->first_endpoint + (__u32)(((__u64)hash_of(tuple) * service->endpoints) >> 32);
}

/** The rewriting of a packet to this endpoint. */
static __always_inline void plan(
    const struct tuple *tuple, const struct endpoint *to, struct flow *flow) {
  flow->address = to->address;
  flow->port = to->port;
  flow->header_change = change_of(tuple->destination, to->address);
  flow->segment_change = flow->header_change + (__u16)~tuple->destination_port + to->port;
}

SEC("xdp") int service_path(struct xdp_md *context) {
  struct packet packet;
  if (!parse(context, &packet)) { control.strange++; return XDP_PASS; }
  const struct service *service = service_of(&packet.tuple);
  if (!service) { control.strange++; return XDP_PASS; }
  const __u64 now = bpf_jiffies64();
  struct connection *known = bpf_map_lookup_elem(&connections, &packet.tuple);
  __u32 number = known ? known->endpoint : choose(service, &packet.tuple);
  const struct endpoint *endpoint = bpf_map_lookup_elem(&endpoints, &number);
  const __u32 identity = identity_of(packet.tuple.source);
  if (!endpoint || !may_pass(identity, endpoint->port)) { control.refused++; return XDP_DROP; }
  if (known) {
    known->seen = now;
    known->packets++;
    known->bytes += packet.bytes;
    control.known++;
  } else {
    const struct connection opened = {.seen = now, .created = now, .packets = 1,
        .bytes = packet.bytes, .endpoint = number, .service = service->number,
        .identity = identity, .state = packet.tcp->syn};
    if (bpf_map_update_elem(&connections, &packet.tuple, &opened, BPF_ANY)) return XDP_DROP;
    control.opened++;
  }
  struct flow flow = {};
  plan(&packet.tuple, endpoint, &flow);
  return rewrite(&packet, &flow);
}

SEC("xdp") int flow_cache(struct xdp_md *context) {
  struct packet packet;
  if (!parse(context, &packet)) { control.strange++; return XDP_PASS; }
  struct flow *known = bpf_map_lookup_elem(&flows, &packet.tuple);
  if (known) {
    known->seen = bpf_jiffies64();
    known->packets++;
    known->bytes += packet.bytes;
    control.known++;
    return known->verdict == XDP_TX ? rewrite(&packet, known) : known->verdict;
  }
  const struct service *service = service_of(&packet.tuple);
  if (!service) { control.strange++; return XDP_PASS; }
  __u32 number = choose(service, &packet.tuple);
  const struct endpoint *endpoint = bpf_map_lookup_elem(&endpoints, &number);
  const __u32 identity = identity_of(packet.tuple.source);
  if (!endpoint || !may_pass(identity, endpoint->port)) { control.refused++; return XDP_DROP; }
  struct flow flow = {.seen = bpf_jiffies64(), .packets = 1, .bytes = packet.bytes,
      .verdict = XDP_TX, .endpoint = number, .service = service->number};
  plan(&packet.tuple, endpoint, &flow);
  if (bpf_map_update_elem(&flows, &packet.tuple, &flow, BPF_ANY)) return XDP_DROP;
  control.opened++;
  return rewrite(&packet, &flow);
}
