// The captures of examples/captures and the node they were taken at, for the golden tests.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Dataplane } from '../../host/cluster/cluster.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { readManifestFiles } from '../../host/files/manifests.ts';
import { readObject } from '../../host/kubernetes/read.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { parseCaptureArgument, type CaptureInput } from '../../host/replay/place.ts';

const folder = join(import.meta.dirname, '../../examples/captures');

/** Names of all capture files. */
export const captureFiles = readdirSync(folder).filter((name) => /\.pcap(\.gz)?$/.test(name));

/** Bytes of a capture. */
export function readCapture(name: string): Uint8Array {
  const bytes = readFileSync(join(folder, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** `pod/default/pod9=name` as input of a replay; `change` may plant a fault in the bytes. */
export function captureInput(
  argument: string,
  change: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): CaptureInput {
  const { file, ...place } = parseCaptureArgument(argument);
  const bytes = change(readCapture(file));
  return { ...place, file, open: () => sourceOf(bytes) };
}

/** A fresh dataplane of the node, which has seen no packet. */
export async function openNode(config: Partial<NodeConfig> = {}): Promise<Dataplane> {
  const written = JSON.parse(readFileSync(join(folder, 'objects.json'), 'utf8')) as unknown[];
  const services = written.flatMap((object) => readObject(object, 'objects.json').objects);
  const { objects } = await readManifestFiles([join(folder, 'nodes-and-pods.yaml')]);
  return Dataplane.create({ manifests: [...services, ...objects], node: 'node-a', config });
}
