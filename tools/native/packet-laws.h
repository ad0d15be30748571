// What holds of every packet that leaves, whatever its bytes: the laws of
// `fuzz/guided/packet-laws.ts`, and that nothing else of it was written. Sources: RFC 791, 8200,
// 9293, 768, 792, 4443; IEEE 802.1Q.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58 };

/** A packet within a frame; places are offsets from the start of the frame. */
struct places {
  uint32_t family, ip, transport, end, protocol, is_fragment;
};

static uint32_t word_at(const uint8_t *bytes) { return bytes[0] << 8 | bytes[1]; }

static bool find_ipv4(const uint8_t *frame, uint32_t length, struct places *places) {
  const uint8_t *ip = frame + places->ip;
  if (places->ip + 20 > length || (ip[0] & 15) < 5) return false;
  places->family = 4;
  places->transport = places->ip + (ip[0] & 15) * 4;
  places->end = places->ip + word_at(ip + 2);
  places->protocol = ip[9];
  places->is_fragment = (word_at(ip + 6) & 0x3fff) != 0;
  return true;
}

static bool find_ipv6(const uint8_t *frame, uint32_t length, struct places *places) {
  const uint8_t *ip = frame + places->ip;
  if (places->ip + 40 > length) return false;
  places->family = 6;
  places->transport = places->ip + 40;
  places->end = places->transport + word_at(ip + 4);
  uint8_t next = ip[6];
  while (next == 0 || next == 43 || next == 60 || next == 44) {
    const uint8_t *extension = frame + places->transport;
    if (places->transport + 8 > length) return false;
    if (next == 44) places->is_fragment |= (word_at(extension + 2) & 0xfff9) != 0;
    places->transport += next == 44 ? 8 : 8 * (extension[1] + 1);
    next = extension[0];
    if (places->is_fragment) break;
  }
  places->protocol = next;
  return true;
}

/** Whether there is a whole packet; then where it is. */
static bool find_packet(
    const uint8_t *frame, uint32_t length, bool is_ethernet, struct places *places) {
  *places = (struct places){.ip = is_ethernet ? 14 : 0};
  if (is_ethernet) {
    while (places->ip <= length) {
      const uint32_t type = word_at(frame + places->ip - 2);
      if (type == 0x0800 || type == 0x86dd) break;
      if (type != 0x8100 && type != 0x88a8) return false;
      places->ip += 4;
    }
  }
  if (places->ip >= length) return false;
  const uint32_t version = frame[places->ip] >> 4;
  const bool is_found = version == 4   ? find_ipv4(frame, length, places)
                        : version == 6 ? find_ipv6(frame, length, places)
                                       : false;
  return is_found && places->transport <= places->end && places->end <= length;
}

static uint32_t add_words(uint32_t sum, const uint8_t *bytes, uint32_t length) {
  for (uint32_t byte = 0; byte + 1 < length; byte += 2) sum += word_at(bytes + byte);
  return length % 2 ? sum + (bytes[length - 1] << 8) : sum;
}

static bool is_right(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

/** SCTP's checksum covers its ports, and leaves as it came. */
static bool has_right_checksums(const uint8_t *frame, const struct places *places) {
  const uint8_t *ip = frame + places->ip, *transport = frame + places->transport;
  const uint32_t protocol = places->protocol, bytes = places->end - places->transport;
  if (places->family == 4 && !is_right(add_words(0, ip, (ip[0] & 15) * 4))) return false;
  if (places->is_fragment) return true;
  if (protocol == ICMP) return bytes >= 4 && is_right(add_words(0, transport, bytes));
  if (protocol != TCP && protocol != UDP && protocol != ICMPV6) return true;
  if (bytes < (protocol == TCP ? 18 : protocol == UDP ? 8 : 4)) return false;
  if (protocol == UDP && word_at(transport + 6) == 0) return places->family == 4;
  const uint32_t pseudo = places->family == 4 ? add_words(protocol + bytes, ip + 12, 8)
                                              : add_words(protocol + bytes, ip + 8, 32);
  return is_right(add_words(pseudo, transport, bytes));
}

/** Whether the segment or datagram is as it was, but for ports and checksum. */
static bool kept_content(const uint8_t *sent, const uint8_t *left, const struct places *places) {
  const uint32_t checksum = places->protocol == TCP ? 16 : places->protocol == UDP ? 6 : 0;
  if (checksum == 0 || places->is_fragment) return true;
  const uint32_t bytes = places->end - places->transport, from = places->transport;
  for (uint32_t byte = 4; byte < bytes; byte++) {
    const bool is_checksum = byte == checksum || byte == checksum + 1;
    if (!is_checksum && sent[from + byte] != left[from + byte]) return false;
  }
  return true;
}

/** The law that does not hold of what left; null if all do. */
static const char *find_broken_law(
    const uint8_t *sent, const uint8_t *left, uint32_t length, bool is_ethernet) {
  struct places before, after;
  if (!find_packet(sent, length, is_ethernet, &before)) return NULL;
  if (!find_packet(left, length, is_ethernet, &after)) return "what left is no packet any more";
  if (memcmp(&before, &after, sizeof before) != 0) return "headers are elsewhere";
  if (!kept_content(sent, left, &before)) return "content changed";
  if (has_right_checksums(sent, &before) && !has_right_checksums(left, &after)) {
    return "a packet with right checksums left with a wrong one";
  }
  return NULL;
}
