// Reads how a pod resolves names: dnsPolicy and dnsConfig. Source: core/v1 `PodDNSConfig`,
// `pkg/apis/core/validation/validation.go` (validatePodDNSConfig).

import type { FieldReader } from './field-reader.ts';
import { checkDNSSubdomain, type TextCheck } from './names.ts';
import type { PodDNSConfig, PodSpec } from './types.ts';
import { readAddress } from './values.ts';

const POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'] as const;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

export function readPodDNS(spec: FieldReader): Pick<PodSpec, 'dnsPolicy' | 'dnsConfig'> {
  const dnsPolicy = spec.field('dnsPolicy').oneOf(POLICIES);
  const config = spec.field('dnsConfig');
  const dnsConfig = config.isAbsent ? undefined : readConfig(config);
  if (dnsPolicy === 'None') requireNameservers(config, dnsConfig);
  return {
    ...(dnsPolicy !== undefined && { dnsPolicy }),
    ...(dnsConfig !== undefined && { dnsConfig }),
  };
}

function requireNameservers(config: FieldReader, dnsConfig: PodDNSConfig | undefined): void {
  const policy = 'when `dnsPolicy` is None';
  if (dnsConfig === undefined) config.required(`must provide \`dnsConfig\` ${policy}`);
  else if (dnsConfig.nameservers.length === 0) {
    config.field('nameservers').required(`must provide at least one DNS nameserver ${policy}`);
  }
}

function readConfig(config: FieldReader): PodDNSConfig {
  const nameservers = config.field('nameservers');
  const servers = nameservers.items();
  if (servers.length > MAX_NAMESERVERS) {
    nameservers.invalid(`must not have more than ${MAX_NAMESERVERS} nameservers`);
  }
  return {
    nameservers: servers.map(readAddress).filter((address) => address !== undefined),
    searches: readSearches(config.field('searches')),
    options: config.field('options').items().map(readOption),
  };
}

function readSearches(list: FieldReader): string[] {
  const items = list.items();
  if (items.length > MAX_SEARCHES) {
    list.invalid(`must not have more than ${MAX_SEARCHES} search paths`);
  }
  const searches = items.map((item) => {
    const text = item.requiredText();
    const fault = text === '' ? null : checkSearchDomain(text);
    if (fault !== null) item.invalid(fault);
    return text;
  });
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const limit = `${MAX_SEARCH_CHARACTERS} characters (including spaces)`;
    list.invalid(`must not have more than ${limit} in the search list`);
  }
  return searches;
}

/** `.` alone is the root; underscores are allowed (RelaxedDNSSearchValidation). */
const checkSearchDomain: TextCheck = (text) =>
  text === '.' ? null : checkDNSSubdomain(text.replace(/\.$/, '').replaceAll('_', 'u'));

function readOption(option: FieldReader): { name: string; value?: string } {
  const value = option.field('value').text();
  const name = option.field('name').text() ?? '';
  if (name === '') option.required('must not be empty');
  return { name, ...(value !== undefined && { value }) };
}
