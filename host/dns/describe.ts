// Questions, answers and resolv.conf in words. Decides nothing.

import type { Answer, DNSRecord } from './records.ts';
import type { Query } from './resolver.ts';
import type { ResolvConf } from './resolv-conf.ts';

const withoutRecords: Readonly<Record<Answer['status'], string>> = {
  answer: '',
  nodata: 'NODATA',
  nxdomain: 'NXDOMAIN',
  unknown: 'asked outside the cluster, no answer known',
};

/** `A backend.shop.svc.cluster.local.: 10.96.206.63 (service shop/backend)`. */
export function describeQuery({ question, answer }: Query): string {
  const { status, records } = answer;
  const text =
    status === 'answer' ? records.map(describeRecord).join(', ') : withoutRecords[status];
  return `${question.type} ${question.name}: ${text}`;
}

function describeRecord({ type, data, port, service }: DNSRecord): string {
  if (type === 'CNAME') return `CNAME ${data}`;
  if (type === 'SRV') return `port ${port} of ${data}`;
  const owner = service && ` (service ${service.metadata.namespace}/${service.metadata.name})`;
  return `${data}${owner ?? ''}`;
}

/** Name servers, search list and ndots, in one sentence. */
export function describeResolvConf(conf: ResolvConf): string {
  const { client, nameservers, search, ndots, asksCluster, isAssumed } = conf;
  const servers = nameservers.length === 0 ? "the node's name servers" : nameservers.join(' ');
  const whose = asksCluster ? `${servers}, the cluster's DNS` : servers;
  const list = search.length === 0 ? 'no search list' : `search ${search.join(' ')}`;
  const settings = `asks ${whose}; ${list}; ndots:${ndots}`;
  return isAssumed
    ? `${client} has no resolv.conf in the manifests and is taken for a pod: it ${settings}`
    : `${client} ${settings}`;
}
