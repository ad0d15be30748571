// What the programs in the kernel and the one that drives them share: keys and values of the maps.
// Addresses and ports are in network order.
#pragma once

#include <linux/types.h>

enum { FRAME_BYTES = 64, FIRST_IDENTITY = 256, IDENTITIES = 256, PORTS_OF_IDENTITY = 16 };

struct frame { __u64 words[FRAME_BYTES / 8]; };

struct tuple { __u32 source, destination; __u16 source_port, destination_port; __u32 protocol; };

struct connection {
  __u64 seen, packets, bytes, created;
  __u32 endpoint, service, identity, state;
};

struct service_key { __u32 address; __u16 port; __u16 protocol; };
struct service { __u32 number, first_endpoint, endpoints, flags; };
struct endpoint { __u32 address; __u16 port; __u16 flags; };
struct policy_key { __u32 identity; __u16 port; __u16 protocol; };
struct policy { __u64 packets; __u32 flags, zero; };

/** All that an established connection needs in one entry. */
struct flow {
  __u64 seen, packets, bytes;
  __u32 address;
  /** What the checksums change by. */
  __u32 header_change, segment_change;
  __u16 port, verdict;
  __u32 endpoint, service;
};

/** Which frame is next, of how many; how often the programs came to each end. */
struct control {
  __u32 next_frame, frames;
  __u64 known, opened, strange, refused;
};
