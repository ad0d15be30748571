// Which texts are names, labels and port names. Each check returns what is wrong, in Kubernetes'
// words, or null. Source: k8s.io/apimachinery `pkg/util/validation/validation.go`.

export type TextCheck = (text: string) => string | null;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** RFC 1123 label: Services, Namespaces, host names. */
export const checkDNSLabel: TextCheck = (text) => {
  if (text.length > 63) return tooLong(63);
  if (LABEL.test(text)) return null;
  return (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and " +
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc')"
  );
};

/** RFC 1123 subdomain: the names of most objects. */
export const checkDNSSubdomain: TextCheck = (text) => {
  if (text.length > 253) return tooLong(253);
  if (SUBDOMAIN.test(text)) return null;
  return (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or " +
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com')"
  );
};

/** Key of a label or annotation: an optional DNS prefix, a slash, a name. */
export const checkQualifiedName: TextCheck = (text) => {
  const parts = text.split('/');
  const name = parts.at(-1)!;
  if (parts.length > 2 || parts[0] === '')
    return "must be a name with an optional DNS prefix and '/'";
  if (name.length > 63) return `name part ${tooLong(63)}`;
  if (!QUALIFIED_NAME.test(name)) {
    return (
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and " +
      "end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc')"
    );
  }
  const prefixFault = parts.length === 2 ? checkDNSSubdomain(parts[0]!) : null;
  return prefixFault === null ? null : `prefix part ${prefixFault}`;
};

export const checkLabelValue: TextCheck = (text) => {
  if (text.length > 63) return tooLong(63);
  if (text === '' || QUALIFIED_NAME.test(text)) return null;
  return (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or " +
    "'.', and must start and end with an alphanumeric character " +
    "(e.g. 'MyValue',  or 'my_value',  or '12345')"
  );
};

/** IANA service name: named container and target ports. */
export const checkPortName: TextCheck = (text) => {
  if (text.length > 15) return tooLong(15);
  if (!/^[-a-z0-9]+$/.test(text)) {
    return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  }
  if (!/[a-z]/.test(text)) return 'must contain at least one letter (a-z)';
  if (text.includes('--')) return 'must not contain consecutive hyphens';
  return /^-|-$/.test(text) ? 'must not begin or end with a hyphen' : null;
};

function tooLong(characters: number): string {
  return `must be no more than ${characters} characters`;
}
