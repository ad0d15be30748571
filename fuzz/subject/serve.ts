// The other side of the pipe, for dataplanes in JavaScript: any subject answers the requests of
// another podplane. Reads lines and writes lines; whose they are is the caller's affair.

import { readObject } from '../../host/kubernetes/read.ts';
import type { ObjectReference } from '../../host/kubernetes/types.ts';
import { parseHex, writeHex } from './hex.ts';
import { pipeVersion, type Fields } from './pipe-protocol.ts';
import type { Answer, NodeSettings, Subject, SubjectSource } from './subject.ts';

/** Says hello and answers until the lines end. */
export async function serveSubjects(
  source: SubjectSource,
  lines: AsyncIterable<string>,
  write: (line: string) => void,
): Promise<void> {
  const { name, claims } = source;
  write(JSON.stringify({ hello: pipeVersion, name, ...claims }));
  let subject: Subject | null = null;
  for await (const line of lines) {
    const request = JSON.parse(line) as Fields;
    const { id } = request;
    try {
      if (request['start'] !== undefined) {
        await subject?.close();
        subject = await source.start(request['start'] as NodeSettings);
        write(JSON.stringify({ id }));
      } else {
        if (subject === null) throw new RangeError('nothing was started');
        write(JSON.stringify({ id, ...(await answer(subject, request)) }));
      }
    } catch (error) {
      write(JSON.stringify({ id, error: error instanceof Error ? error.message : String(error) }));
    }
  }
  await subject?.close();
  await source.close();
}

async function answer(subject: Subject, request: Fields): Promise<Fields> {
  const { apply, delete: gone, clock, packet, dump } = request;
  if (Array.isArray(apply)) {
    await subject.apply(apply.flatMap((object) => readObject(object, 'request').objects));
  } else if (Array.isArray(gone)) {
    await subject.delete(gone as ObjectReference[]);
  } else if (typeof clock === 'number') {
    await subject.advance(clock);
  } else if (packet !== undefined) {
    const { port, hex } = packet as { readonly port: string; readonly hex: string };
    const [given] = await subject.send([{ port, frame: parseHex(hex) ?? new Uint8Array() }]);
    return writeOutcome(given!);
  } else if (dump !== undefined) {
    return { dump: await subject.dump() };
  } else {
    throw new RangeError(`no such request: ${Object.keys(request).join(', ')}`);
  }
  return {};
}

function writeOutcome({ verdict, port, frame, reason, service }: Answer): Fields {
  return {
    verdict,
    ...(port !== null && { port }),
    ...(frame.length > 0 && { hex: writeHex(frame) }),
    ...(reason !== undefined && { reason }),
    ...(service !== undefined && {
      service: service === null ? null : `${service.namespace}/${service.name}`,
    }),
  };
}
