import type { Scenario } from '../../../testbench/api/scenario';
import { runHere } from '../../../testbench/common/runHere';
import type { InlineBench } from '../../../testbench/inline/bench';
import { plainNode } from '../../../testbench/shell/plainNode';
import type { Completion, ShellReply, ShellRequest } from '../../../testbench/shell/protocol';
import { Session } from '../../../testbench/shell/session';

/** Answers of a session. */
export interface Talk {
  /** Why it stopped first. */
  readonly first: ShellReply;
  /** One for each line. */
  readonly replies: readonly ShellReply[];
  readonly completions: readonly Completion[];
}

export interface ScriptedOptions {
  readonly nics?: readonly string[];
  /** Default: a node with one instance. */
  readonly scenario?: Scenario<InlineBench>;
  readonly seed?: number;
  /** Called before each line: true where the user wants time to stop. */
  readonly interrupts?: () => boolean;
}

/** Carries lines out in this thread, as `avp shell` does in one of its own. A request may ask for a completion. */
export async function talk(lines: readonly (string | ShellRequest)[], options: ScriptedOptions = {}): Promise<Talk> {
  const { nics = ['net-id=A,vif-model=avp'], scenario, seed = 1, interrupts = () => false } = options;
  const replies: ShellReply[] = [];
  const completions: Completion[] = [];
  let isOver = false;
  const left = lines.map((line) => (typeof line === 'string' ? { line } : line));
  const session = new Session(
    {
      next: () => {
        const request = left.shift();
        if (request !== undefined) return request;
        isOver = true;
        // Ends the session.
        throw new Error('all lines were given');
      },
      say: (message) => {
        if (isOver) return;
        if ('reply' in message) replies.push(message.reply);
        else if ('completion' in message) completions.push(message.completion);
      },
      takeInterrupt: interrupts,
    },
    scenario?.name ?? null,
    seed,
    new Map(),
    new Promise<never>(() => {}),
  );
  const order = { seed, record: false, keepEvidence: true };
  const run = session.withPrompts(scenario ?? plainNode(nics));
  await runHere(run, 'inline', new Map(), order, (parts) => session.makeBench(parts));
  const [first, ...rest] = replies;
  return { first: first!, replies: rest, completions };
}

/** Carries lines out that all must succeed. @returns the last answer. */
export async function lastOf(lines: readonly string[], options: ScriptedOptions = {}): Promise<ShellReply> {
  const { replies } = await talk(lines, options);
  const failed = replies.find(({ ok }) => !ok);
  if (failed !== undefined) throw new Error(failed.text);
  return replies.at(-1)!;
}
