import type { Crew, Thread } from './workerGroup';
import type { ControlOperations } from './roles/control';
import type { HandlerOperations } from './roles/handler';
import type { QueuesData, QueuesOperations } from './roles/queues';

/** Kinds of threads, and the module of each one's duty. */
export interface Duties {
  readonly host: string;
  readonly control: string;
  readonly handler: string;
  readonly queues: string;
}

export const DUTIES: Duties = {
  host: 'testbench/threads/roles/host',
  control: 'testbench/threads/roles/control',
  handler: 'testbench/threads/roles/handler',
  queues: 'testbench/threads/roles/queues',
};

/** The threads of one instance. */
export class GuestThreads {
  readonly control: Thread<ControlOperations>;
  readonly handler: Thread<HandlerOperations>;
  /** One for each queue number: it polls the receive and the transmit queue of that number. */
  readonly queues: readonly Thread<QueuesOperations>[];

  constructor(crew: Crew, duties: Duties, instance: string, queues: number, hostBell: SharedArrayBuffer) {
    this.control = crew.start(`${instance} control`, duties.control, null);
    this.handler = crew.start(`${instance} handler`, duties.handler, null);
    this.queues = Array.from({ length: queues }, (_unused, queue) => {
      const data: QueuesData = { queue, hostBell };
      return crew.start<QueuesOperations>(`${instance} queue ${queue}`, duties.queues, data);
    });
  }
}
