// From a hash to the references of the entries that may have it. It does not know what an entry is:
// the caller gives the array that references count into, and the first bytes of an entry are its
// key. An entry may have two keys: then references count keys, not entries.
//
//   bucket, one cache line
//   ┌ 0 ───────────────┬ 16 ──────────────────┬ 48 ────────┬ 50 ────────┐
//   │ 8 x u16 tag      │ 8 x u32 reference    │ u16 passed │ spare      │
//   └──────────────────┴──────────────────────┴────────────┴────────────┘
//
// Tag 0 marks a free slot. A reference that finds its bucket full goes on to the next one; `passed`
// counts those that went by, so a look-up knows whether to go on too. References are never 0.

import { allocate } from "./arena";
import { equalWords } from "./words";

const BUCKET: usize = 64;
const SLOTS: u32 = 8;
const REFERENCES: usize = 16;
const PASSED: usize = 48;

/** An index over one array of entries. */
@unmanaged
@final
export class TagIndex {
  buckets: usize;
  mask: u32;
  /** The array that references count into. */
  entries: usize;
  strideBytes: u32;
  /** 1 = an entry has two keys. */
  pairBits: u32;
  /** From the first key of an entry to its second. */
  secondBytes: u32;
  keyBytes: u32;
}

/** Makes an index for up to `references` entries, at most half full. */
export function openTagIndex(references: u32, entries: usize, stride: u32, key: u32): TagIndex {
  const index = changetype<TagIndex>(allocate(offsetof<TagIndex>()));
  let buckets: u32 = 1;
  while (buckets * (SLOTS / 2) < references) buckets <<= 1;
  index.buckets = allocate(<u64>buckets * BUCKET);
  index.mask = buckets - 1;
  index.entries = entries;
  index.strideBytes = stride;
  index.keyBytes = key;
  return index;
}

/** From now on references count keys: each entry has a second one, so far behind the first. */
export function pairKeys(index: TagIndex, secondBytes: u32): void {
  index.pairBits = 1;
  index.secondBytes = secondBytes;
}

/** The reference of the entry with this key, or 0. */
export function findReference(index: TagIndex, key: usize, hash: u64): u32 {
  let bucket = homeBucket(index, hash);
  const tag = tagOf(hash);
  for (let left = index.mask + 1; left > 0; left--) {
    for (let match = matches(bucket, tag); match != 0; match &= match - 1) {
      const reference = referenceAt(bucket, ctz(match));
      if (equalWords(keyAt(index, reference), key, index.keyBytes)) return reference;
    }
    if (load<u16>(bucket, PASSED) == 0) return 0;
    bucket = nextBucket(index, bucket);
  }
  return 0;
}

/** Address of the key that a reference stands for. */
export function keyAt(index: TagIndex, reference: u32): usize {
  const entry = index.entries + <usize>(reference >> index.pairBits) * index.strideBytes;
  return entry + <usize>(reference & index.pairBits) * index.secondBytes;
}

/** Address of the bucket that a hash belongs to. */
export function bucketOf(index: TagIndex, hash: u64): usize {
  return homeBucket(index, hash);
}

/** A reference that may be the one under a hash, or 0. */
export function guessReference(index: TagIndex, hash: u64): u32 {
  const bucket = homeBucket(index, hash);
  const match = matches(bucket, tagOf(hash));
  return match == 0 ? 0 : referenceAt(bucket, ctz(match));
}

/**
 * Enters a reference under a hash. The index is never full: it holds twice the references it was
 * made for.
 */
export function addReference(index: TagIndex, hash: u64, reference: u32): void {
  let bucket = homeBucket(index, hash);
  for (let left = index.mask + 1; ; left--) {
    assert(left > 0, "the index is full");
    const free = matches(bucket, 0);
    if (free != 0) {
      const slot = <usize>ctz(free);
      store<u16>(bucket + (slot << 1), <u16>tagOf(hash));
      store<u32>(bucket + (slot << 2), reference, REFERENCES);
      return;
    }
    store<u16>(bucket, load<u16>(bucket, PASSED) + 1, PASSED);
    bucket = nextBucket(index, bucket);
  }
}

/** Takes out a reference that was entered under this hash. */
export function removeReference(index: TagIndex, hash: u64, reference: u32): void {
  let bucket = homeBucket(index, hash);
  const tag = tagOf(hash);
  for (let left = index.mask + 1; left > 0; left--) {
    for (let match = matches(bucket, tag); match != 0; match &= match - 1) {
      const slot = <usize>ctz(match);
      if (referenceAt(bucket, <u32>slot) != reference) continue;
      store<u16>(bucket + (slot << 1), 0);
      store<u32>(bucket + (slot << 2), 0, REFERENCES);
      return;
    }
    assert(load<u16>(bucket, PASSED) != 0, "a reference is missing from the index");
    store<u16>(bucket, load<u16>(bucket, PASSED) - 1, PASSED);
    bucket = nextBucket(index, bucket);
  }
}

/** Number of the bucket that a hash belongs to. */
export function homeOf(index: TagIndex, hash: u64): u32 {
  return (<u32>hash) & index.mask;
}

/**
 * The slot after `cursor` (0 = the beginning) that holds something, in the buckets that references
 * of bucket `home` may be in; 0 at the end. Those of other buckets may be among them.
 */
export function nextInChain(index: TagIndex, home: u32, cursor: u32): u32 {
  const slots = (index.mask + 1) * SLOTS;
  while (cursor < slots) {
    const isNewBucket = cursor != 0 && cursor % SLOTS == 0;
    if (isNewBucket && load<u16>(chainBucket(index, home, cursor - 1), PASSED) == 0) return 0;
    cursor++;
    if (referenceInChain(index, home, cursor) != 0) return cursor;
  }
  return 0;
}

/** What the slot of `nextInChain` holds. */
export function referenceInChain(index: TagIndex, home: u32, cursor: u32): u32 {
  return referenceAt(chainBucket(index, home, cursor - 1), (cursor - 1) % SLOTS);
}

function chainBucket(index: TagIndex, home: u32, slot: u32): usize {
  return index.buckets + <usize>((home + slot / SLOTS) & index.mask) * BUCKET;
}

function homeBucket(index: TagIndex, hash: u64): usize {
  return index.buckets + <usize>homeOf(index, hash) * BUCKET;
}

function nextBucket(index: TagIndex, bucket: usize): usize {
  const last = index.buckets + <usize>index.mask * BUCKET;
  return bucket == last ? index.buckets : bucket + BUCKET;
}

function tagOf(hash: u64): u32 {
  return (<u32>(hash >> 48)) | 1;
}

/** One bit for each slot with this tag. */
function matches(bucket: usize, tag: u32): u32 {
  return i16x8.bitmask(i16x8.eq(v128.load(bucket), i16x8.splat(<i16>tag)));
}

function referenceAt(bucket: usize, slot: u32): u32 {
  return load<u32>(bucket + ((<usize>slot) << 2), REFERENCES);
}
