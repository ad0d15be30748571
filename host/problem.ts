// What is wrong with an input, for people. Every reader collects problems and throws one InputError
// with all of them.

/** One thing that is wrong in one place. */
export interface Problem {
  /** File as the user named it; `-` is standard input. */
  readonly file: string;
  /** 1-based; absent where the input has no lines (captures, missing files). */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /**
   * Field path in the API's spelling (`spec.ports[0].port`), or the place in a binary file (`packet
   * 17`).
   */
  readonly path?: string;
  /** What is wrong, in Kubernetes' wording where Kubernetes has one. */
  readonly message: string;
  /** What was expected, or the cure. */
  readonly expected?: string;
}

/** `file:line:column: path: message; expected`. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined);
  const head = [place.join(':'), problem.path].filter((part) => part !== undefined && part !== '');
  const tail = [problem.message, problem.expected].filter((part) => part !== undefined);
  return `${head.join(': ')}: ${tail.join('; ')}`;
}

/** Bad input: exit code 2. Nothing was applied. */
export class InputError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'InputError';
    this.problems = problems;
  }
}
