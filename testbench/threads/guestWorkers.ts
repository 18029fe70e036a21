import type { ControlOperations } from './roles/control';
import type { HandlerOperations } from './roles/handler';
import type { QueuesData, QueuesOperations } from './roles/queues';
import type { WorkerGroup, WorkerHandle } from './workerGroup';

/** The module of each role. */
export const ROLE_MODULES = {
  host: 'testbench/threads/roles/host',
  control: 'testbench/threads/roles/control',
  handler: 'testbench/threads/roles/handler',
  queues: 'testbench/threads/roles/queues',
} as const;

/** The threads of one instance. */
export class GuestWorkers {
  readonly control: WorkerHandle<ControlOperations>;
  readonly handler: WorkerHandle<HandlerOperations>;
  /** One for each queue number; it polls the receive and the transmit queue of that number on every port. */
  readonly queues: readonly WorkerHandle<QueuesOperations>[];

  constructor(group: WorkerGroup, instance: string, queues: number, hostDoorbell: SharedArrayBuffer) {
    this.control = group.start(`${instance} control`, ROLE_MODULES.control, null);
    this.handler = group.start(`${instance} handler`, ROLE_MODULES.handler, null);
    this.queues = Array.from({ length: queues }, (_unused, queue) => {
      const data: QueuesData = { queue, hostDoorbell };
      return group.start<QueuesOperations>(`${instance} queue ${queue}`, ROLE_MODULES.queues, data);
    });
  }
}
