import type { Crew, Thread } from './crew';
import type { ControlOperations } from './duties/control';
import type { HandlerOperations } from './duties/handler';
import type { QueuesData, QueuesOperations } from './duties/queues';

/** Kinds of threads, and the module of each one's duty. */
export interface Duties {
  readonly host: string;
  readonly control: string;
  readonly handler: string;
  readonly queues: string;
}

export const DUTIES: Duties = {
  host: 'testbench/threads/duties/host',
  control: 'testbench/threads/duties/control',
  handler: 'testbench/threads/duties/handler',
  queues: 'testbench/threads/duties/queues',
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
