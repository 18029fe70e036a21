import { allocate, release } from '../../../shared/arena';
import type { Clock } from '../../../shared/clock';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { POLLING } from '../../runtime/backoff';
import { Bell } from '../doorbell';
import type { Duty, DutyPlace } from '../role';
import type { ExpectOrder, FlowCounts, PortCounts, PortOrder, SendOrder } from '../traffic/messages';
import { PortQueue } from '../traffic/portQueue';
import { SCRATCH_BYTES } from '../traffic/receiver';

export interface QueuesData {
  /** Receive queue and transmit queue of this number, on every port that has them. */
  readonly queue: number;
  /** Bell of the host's thread. */
  readonly hostBell: SharedArrayBuffer;
}

/** What a thread that polls queues can be told. Ports go by their arena addresses. */
export interface QueuesOperations {
  serve(order: PortOrder): void;
  expect(port: number, orders: readonly ExpectOrder[]): void;
  send(port: number, order: SendOrder): void;
  stop(port: number, load: number): void;
  done(port: number, load: number): boolean;
  flowCounts(port: number): FlowCounts[];
  counts(port: number): PortCounts;
  /** Lets go of a port: its record may vanish afterwards. Gives its last counts. */
  leave(port: number): PortCounts;
}

/** One thread that polls queue `queue` of each direction on every port of an instance. */
class Queues implements Duty<QueuesOperations> {
  readonly pace = POLLING;
  private readonly ports = new Map<number, PortQueue>();
  private readonly hostBell: Bell;
  private readonly scratch: number;
  private rounds = 0;

  constructor(
    private readonly queue: number,
    hostBell: SharedArrayBuffer,
    private readonly clock: Clock,
  ) {
    this.hostBell = new Bell(hostBell);
    this.scratch = allocate(SCRATCH_BYTES, { rights: DRIVER_ONLY, label: `queue thread ${queue}: scratch` });
  }

  readonly operations: QueuesOperations = {
    serve: (order) => void this.ports.set(order.port, new PortQueue(order, this.queue, this.clock, this.scratch)),
    expect: (port, orders) => this.at(port).expect(orders),
    send: (port, order) => this.at(port).send(order, this.clock.nowMs()),
    stop: (port, load) => this.at(port).stop(load),
    done: (port, load) => this.at(port).done(load),
    flowCounts: (port) => this.at(port).flowCounts(),
    counts: (port) => this.at(port).counts(this.rounds),
    leave: (port) => this.leave(port),
  };

  poll(): boolean {
    this.rounds++;
    const nowMs = this.clock.nowMs();
    let moved = 0;
    for (const port of this.ports.values()) moved += port.poll(nowMs);
    if (moved > 0) this.hostBell.nudge();
    return moved > 0;
  }

  end(): void {
    for (const port of this.ports.keys()) this.leave(port);
    release(this.scratch);
  }

  private at(port: number): PortQueue {
    return this.ports.get(port)!;
  }

  private leave(port: number): PortCounts {
    const left = this.at(port);
    left.leave();
    this.ports.delete(port);
    return left.counts(this.rounds);
  }
}

export function begin({ data, clock }: DutyPlace<QueuesData>): Duty<QueuesOperations> {
  return new Queues(data.queue, data.hostBell, clock);
}
