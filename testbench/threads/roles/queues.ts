import { allocate, release } from '../../../shared/arena';
import type { Clock } from '../../../shared/clock';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { Doorbell } from '../doorbell';
import { POLLING, type Role, type RoleContext } from '../role';
import type { ExpectedFlow, FlowCounts, PortCounts, PortDescriptor, SendRequest } from '../traffic/messages';
import { PortQueue } from '../traffic/portQueue';
import { SCRATCH_BYTES } from '../traffic/receiver';

export interface QueuesData {
  /** Number of the receive queue and of the transmit queue that the thread polls, on every port that has them. */
  readonly queue: number;
  /** Doorbell of the host's thread. */
  readonly hostDoorbell: SharedArrayBuffer;
}

/** Operations of a thread that polls queues. Ports go by their arena addresses. */
export interface QueuesOperations {
  serve(port: PortDescriptor): void;
  expect(port: number, flows: readonly ExpectedFlow[]): void;
  send(port: number, request: SendRequest): void;
  stop(port: number, load: number): void;
  /** True once the thread has made every frame of a load. */
  done(port: number, load: number): boolean;
  flowCounts(port: number): FlowCounts[];
  counts(port: number): PortCounts;
  /** Leaves a port, whose record may be released afterwards. Returns its last counts. */
  leave(port: number): PortCounts;
}

/** A thread that polls one queue of each direction on every port of an instance. */
class Queues implements Role<QueuesOperations> {
  readonly pace = POLLING;
  private readonly ports = new Map<number, PortQueue>();
  private readonly hostDoorbell: Doorbell;
  private readonly scratch: number;
  private rounds = 0;

  constructor(
    private readonly queue: number,
    hostDoorbell: SharedArrayBuffer,
    private readonly clock: Clock,
  ) {
    this.hostDoorbell = new Doorbell(hostDoorbell);
    this.scratch = allocate(SCRATCH_BYTES, { rights: DRIVER_ONLY, label: `queue thread ${queue}: scratch` });
  }

  readonly operations: QueuesOperations = {
    serve: (port) => void this.ports.set(port.address, new PortQueue(port, this.queue, this.clock, this.scratch)),
    expect: (port, flows) => this.at(port).expect(flows),
    send: (port, request) => this.at(port).send(request, this.clock.nowMs()),
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
    if (moved > 0) this.hostDoorbell.ringIfAsleep();
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

export function begin({ data, clock }: RoleContext<QueuesData>): Role<QueuesOperations> {
  return new Queues(data.queue, data.hostDoorbell, clock);
}
