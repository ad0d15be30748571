// A command line to a subject behind a pipe. What starts processes is loaded only here, so that all
// else runs in browsers, too.

import { PipeSource } from './pipe-subject.ts';
import { SubjectError } from './subject.ts';

/** Starts a command and waits for its hello; rejects with SubjectError. */
export async function openCommand(command: string, timeoutMs: number): Promise<PipeSource> {
  const words = splitWords(command);
  const { openProcess } = await import('./process.ts');
  return PipeSource.open({ open: () => openProcess(words), timeoutMs });
}

/** Words as a shell would split them, without anything else that shells do. */
export function splitWords(command: string): string[] {
  const words = [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
  const isQuoted = /^(?:[^'"]|'[^']*'|"[^"]*")*$/.test(command);
  if (isQuoted && words.length > 0) return words;
  throw new SubjectError(words.length === 0 ? 'there is no command' : 'a quote is not closed');
}
