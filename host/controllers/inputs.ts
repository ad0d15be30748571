// What every controller is given: the objects as written, the ranges, the earlier state and the
// place for findings.

import type { Node, Pod, Service } from '../kubernetes/types.ts';
import type { Findings } from './findings.ts';
import type { Ranges } from './ranges.ts';
import type { ClusterState, ControllerOptions } from './state.ts';
import { nameOf, type WrittenObjects } from './written.ts';

/**
 * Objects of an earlier state by `namespace/name`: their assignments are kept where they are still
 * valid.
 */
export interface Previous {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly pods: ReadonlyMap<string, Pod>;
  readonly services: ReadonlyMap<string, Service>;
}

export interface Inputs {
  readonly written: WrittenObjects;
  readonly options: ControllerOptions;
  readonly ranges: Ranges;
  readonly previous: Previous;
  readonly findings: Findings;
}

export function indexPrevious(state: ClusterState | undefined): Previous {
  return {
    nodes: new Map(state?.nodes.map((node) => [nameOf(node.metadata), node])),
    pods: new Map(state?.pods.map((pod) => [nameOf(pod.metadata), pod])),
    services: new Map(state?.services.map((service) => [nameOf(service.metadata), service])),
  };
}
