/*
 * The guest's end of queue pairs of AVP devices, in plain C: the yardstick for our driver's step. It
 * does a driver's work on the same rings, buffers and mbufs, copies with memcpy, and checks nothing:
 * it takes every index, address and length as the host wrote it. So it shows what the work itself
 * costs on this machine, and it must never face a host that it does not trust.
 *
 * It takes over rings that our driver has set up, and all mbufs of a mempool. Section numbers are
 * those of shared/PROTOCOL.md.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEADROOM_BYTES 128
#define MAX_BURST 64
#define OL_TX_VLAN 1
#define OL_RX_VLAN 2048
#define MBUF_RX_VLAN_STRIPPED 3
#define MBUF_TX_VLAN 4
/* Bursts between two looks at the clock of the run. */
#define BURSTS_BETWEEN_LOOKS 256
#define CLOCK_READS 100000

/* Section 6. */
struct fifo {
	uint32_t write, read, len, elem_size;
	uint64_t slot[];
};

/* Section 7. */
struct desc {
	uint64_t pad0, pkt_mbuf;
	uint8_t pad1[14];
	uint16_t ol_flags;
	uint64_t next, data;
	uint16_t data_len;
	uint8_t nb_segs, pad2;
	uint16_t pkt_len;
	uint8_t pad3[4];
	uint16_t vlan_tci;
	uint32_t pad4;
};
_Static_assert(sizeof(struct desc) == 64 && offsetof(struct desc, vlan_tci) == 58, "descriptor");

/* Head of an mbuf, as driver/abi declares it; `next` is an arena address. The data room follows. */
struct mbuf {
	uint32_t pool, room_bytes, refcnt, next;
	uint32_t data_off, data_len, pkt_len, nb_segs;
	uint32_t port, ol_flags, vlan_tci, data_room, attached_to, pad[3];
	uint8_t room[];
};
_Static_assert(sizeof(struct mbuf) == 64 && offsetof(struct mbuf, data_room) == 44, "mbuf");

/* One end of a ring. */
struct end {
	struct fifo *fifo;
	uint32_t mask, index;
};

/* Free mbufs, shared by all queues of one thread. */
struct mbufs {
	uint8_t *arena;
	/* Bytes of a packet that one mbuf holds. */
	uint32_t data_bytes;
	uint32_t available;
	uint32_t stack[];
};

struct settings {
	/* Arena addresses of the pool of host buffers and of the rings, and the pool's host virtual address. */
	uint32_t pool, tx, rx, alloc, free;
	uint32_t mbuf_size, port, scattered;
	uint64_t pool_va;
};

/* One queue pair. */
struct queue {
	struct mbufs *mbufs;
	struct end tx, rx, alloc, free;
	/* Subtracted from a host virtual address, gives a pointer. */
	uint64_t to_host;
	uint32_t mbuf_size, port, scattered;
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
};

struct report {
	/* Bursts that had packets; the time that they took; the time of the run. */
	uint64_t bursts, busy_ns, total_ns, received, sent;
	/* The cost of reading the clock once. */
	double clock_ns;
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t filled(const struct end *end)
{
	return (__atomic_load_n(&end->fifo->write, __ATOMIC_ACQUIRE) - end->index) & end->mask;
}

static uint32_t room(const struct end *end)
{
	return (__atomic_load_n(&end->fifo->read, __ATOMIC_ACQUIRE) - end->index - 1) & end->mask;
}

static uint64_t *slot(const struct end *end, uint32_t ahead)
{
	return &end->fifo->slot[(end->index + ahead) & end->mask];
}

static void publish(struct end *end, uint32_t *word, uint32_t count)
{
	end->index = (end->index + count) & end->mask;
	__atomic_store_n(word, end->index, __ATOMIC_RELEASE);
}

static struct mbuf *mbuf_at(const struct mbufs *mbufs, uint32_t address)
{
	return (struct mbuf *)(mbufs->arena + address);
}

static void give(struct mbufs *mbufs, uint32_t address)
{
	while (address != 0) {
		mbufs->stack[mbufs->available++] = address;
		address = mbuf_at(mbufs, address)->next;
	}
}

static uint32_t take(const struct queue *queue, uint32_t bytes)
{
	uint32_t address = queue->mbufs->stack[--queue->mbufs->available];
	struct mbuf *mbuf = mbuf_at(queue->mbufs, address);

	mbuf->next = 0;
	mbuf->data_off = HEADROOM_BYTES;
	mbuf->data_len = bytes;
	mbuf->pkt_len = bytes;
	mbuf->nb_segs = 1;
	mbuf->port = queue->port;
	mbuf->ol_flags = 0;
	mbuf->vlan_tci = 0;
	return address;
}

static void *host_pointer(const struct queue *queue, uint64_t va)
{
	return (void *)(uintptr_t)(va - queue->to_host);
}

static void note_tag(struct mbuf *mbuf, const struct desc *desc)
{
	if (desc->ol_flags & OL_RX_VLAN) {
		mbuf->ol_flags = MBUF_RX_VLAN_STRIPPED;
		mbuf->vlan_tci = desc->vlan_tci;
	}
}

/* A packet of one buffer that fits one mbuf. */
static uint32_t receive_simple(const struct queue *queue, const struct desc *desc)
{
	uint32_t bytes = desc->data_len, address = take(queue, bytes);
	struct mbuf *mbuf = mbuf_at(queue->mbufs, address);

	memcpy(mbuf->room + HEADROOM_BYTES, host_pointer(queue, desc->data), bytes);
	note_tag(mbuf, desc);
	return address;
}

/* A packet of several buffers, into as many mbufs as it needs; each but the last is filled. */
static uint32_t receive_scattered(const struct queue *queue, const struct desc *desc)
{
	uint32_t size = queue->mbufs->data_bytes, total = desc->pkt_len, left = total, segments = 0;
	uint32_t first = 0, done = 0, part_bytes = desc->data_len;
	struct mbuf *former = NULL;
	const struct desc *part = desc;

	do {
		uint32_t bytes = least(left, size), address = take(queue, bytes);
		struct mbuf *mbuf = mbuf_at(queue->mbufs, address);

		for (uint32_t at = 0; at < bytes;) {
			uint32_t count = least(part_bytes - done, bytes - at);

			memcpy(mbuf->room + HEADROOM_BYTES + at, (uint8_t *)host_pointer(queue, part->data) + done, count);
			at += count;
			done += count;
			if (done == part_bytes && at + total - left < total) {
				part = host_pointer(queue, part->next);
				part_bytes = part->data_len;
				done = 0;
			}
		}
		if (former == NULL)
			first = address;
		else
			former->next = address;
		former = mbuf;
		left -= bytes;
		segments++;
	} while (left != 0);
	former = mbuf_at(queue->mbufs, first);
	former->nb_segs = segments;
	former->pkt_len = total;
	note_tag(former, desc);
	return first;
}

/* Receives up to `limit` packets. Buffers go to free in the order in which they came. */
uint32_t guest_receive(struct queue *queue, uint32_t *out, uint32_t limit)
{
	uint32_t count = least(least(filled(&queue->rx), limit), room(&queue->free));
	uint64_t bytes = 0;

	if (count == 0)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t va = *slot(&queue->rx, i);
		const struct desc *desc = host_pointer(queue, va);

		*slot(&queue->free, i) = va;
		if (queue->scattered && (desc->nb_segs > 1 || desc->pkt_len > queue->mbufs->data_bytes))
			out[i] = receive_scattered(queue, desc);
		else
			out[i] = receive_simple(queue, desc);
		bytes += desc->pkt_len;
	}
	publish(&queue->rx, &queue->rx.fifo->read, count);
	publish(&queue->free, &queue->free.fifo->write, count);
	queue->rx_packets += count;
	queue->rx_bytes += bytes;
	return count;
}

static void set_tag(struct desc *desc, const struct mbuf *mbuf)
{
	int tagged = (mbuf->ol_flags & MBUF_TX_VLAN) != 0;

	desc->ol_flags = tagged ? OL_TX_VLAN : 0;
	desc->vlan_tci = tagged ? mbuf->vlan_tci : 0;
}

static const uint8_t *data_of(const struct queue *queue, const struct mbuf *mbuf)
{
	return queue->mbufs->arena + mbuf->data_room + mbuf->data_off;
}

/* A packet of one mbuf that fits one buffer, the one `from` entries ahead on alloc. Returns its address. */
static uint64_t send_simple(const struct queue *queue, const struct mbuf *mbuf, uint32_t from)
{
	uint64_t va = *slot(&queue->alloc, from);
	struct desc *desc = host_pointer(queue, va);

	memcpy(host_pointer(queue, desc->data), data_of(queue, mbuf), mbuf->data_len);
	desc->next = 0;
	desc->data_len = mbuf->data_len;
	desc->nb_segs = 1;
	desc->pkt_len = mbuf->data_len;
	set_tag(desc, mbuf);
	return va;
}

/* A packet of several mbufs into `buffers` buffers; each but the last is filled. */
static uint64_t send_scattered(const struct queue *queue, const struct mbuf *packet, uint32_t from, uint32_t buffers)
{
	uint64_t first = *slot(&queue->alloc, from), va = first;
	struct desc *head = host_pointer(queue, first);
	const struct mbuf *segment = packet;
	uint32_t left = packet->pkt_len, done = 0;

	for (uint32_t i = 0; i < buffers; i++) {
		struct desc *desc = host_pointer(queue, va);
		uint8_t *to = host_pointer(queue, desc->data);
		uint32_t bytes = least(left, queue->mbuf_size);

		for (uint32_t at = 0; at < bytes;) {
			uint32_t count = least(segment->data_len - done, bytes - at);

			memcpy(to + at, data_of(queue, segment) + done, count);
			at += count;
			done += count;
			if (done == segment->data_len && segment->next != 0) {
				segment = mbuf_at(queue->mbufs, segment->next);
				done = 0;
			}
		}
		left -= bytes;
		va = i + 1 < buffers ? *slot(&queue->alloc, from + i + 1) : 0;
		desc->next = va;
		desc->data_len = bytes;
	}
	head->nb_segs = buffers;
	head->pkt_len = packet->pkt_len;
	set_tag(head, packet);
	return first;
}

/* Sends up to `count` packets while buffers and room last, and frees them. Returns how many it sent. */
uint32_t guest_send(struct queue *queue, const uint32_t *packets, uint32_t count)
{
	uint32_t buffers = filled(&queue->alloc), most = least(count, room(&queue->tx)), used = 0, sent = 0;
	uint64_t bytes = 0;

	for (; sent < most; sent++) {
		const struct mbuf *mbuf = mbuf_at(queue->mbufs, packets[sent]);
		uint32_t needed = 1;
		uint64_t va;

		if (queue->scattered)
			needed = (mbuf->pkt_len + queue->mbuf_size - 1) / queue->mbuf_size;
		if (needed > buffers - used)
			break;
		if (needed > 1 || mbuf->next != 0)
			va = send_scattered(queue, mbuf, used, needed);
		else
			va = send_simple(queue, mbuf, used);
		*slot(&queue->tx, sent) = va;
		used += needed;
		bytes += mbuf->pkt_len;
	}
	if (sent == 0)
		return 0;
	publish(&queue->alloc, &queue->alloc.fifo->read, used);
	publish(&queue->tx, &queue->tx.fifo->write, sent);
	for (uint32_t i = 0; i < sent; i++)
		give(queue->mbufs, packets[i]);
	queue->tx_packets += sent;
	queue->tx_bytes += bytes;
	return sent;
}

/* Makes a stack of `count` mbufs. NULL without memory. */
struct mbufs *guest_mbufs(uint8_t *arena, const uint32_t *addresses, uint32_t count, uint32_t data_bytes)
{
	struct mbufs *mbufs = malloc(sizeof(*mbufs) + count * sizeof(*addresses));

	if (mbufs == NULL)
		return NULL;
	*mbufs = (struct mbufs){ .arena = arena, .data_bytes = data_bytes, .available = count };
	memcpy(mbufs->stack, addresses, count * sizeof(*addresses));
	return mbufs;
}

static struct end end_of(uint8_t *arena, uint32_t address, int producer)
{
	struct fifo *fifo = (struct fifo *)(arena + address);

	return (struct end){ fifo, fifo->len - 1, producer ? fifo->write : fifo->read };
}

/* Takes over a queue pair's rings as they are; nobody else may be their guest. NULL without memory. */
struct queue *guest_open(struct mbufs *mbufs, const struct settings *set)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	uint8_t *arena = mbufs->arena;

	if (queue == NULL)
		return NULL;
	queue->mbufs = mbufs;
	queue->tx = end_of(arena, set->tx, 1);
	queue->free = end_of(arena, set->free, 1);
	queue->rx = end_of(arena, set->rx, 0);
	queue->alloc = end_of(arena, set->alloc, 0);
	queue->to_host = set->pool_va - (uint64_t)(uintptr_t)(arena + set->pool);
	queue->mbuf_size = set->mbuf_size;
	queue->port = set->port;
	queue->scattered = set->scattered;
	return queue;
}

void guest_release(void *memory)
{
	free(memory);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static double cost_of_clock(void)
{
	uint64_t began = now_ns(), last = began;

	for (uint32_t i = 0; i < CLOCK_READS; i++)
		last = now_ns();
	return (double)(last - began) / CLOCK_READS;
}

static void one_burst(struct queue *queue, int io, uint32_t burst, struct report *report)
{
	uint32_t packets[MAX_BURST], received, sent = 0;
	uint64_t began = now_ns();

	received = guest_receive(queue, packets, burst);
	if (received == 0)
		return;
	if (io)
		sent = guest_send(queue, packets, received);
	for (uint32_t i = sent; i < received; i++)
		give(queue->mbufs, packets[i]);
	report->busy_ns += now_ns() - began;
	report->bursts++;
	report->received += received;
	report->sent += sent;
}

/*
 * Runs an application on the queues, in turn, for `ns` nanoseconds: it drops what it receives, or sends
 * it back (`io`). Times only the bursts that had packets.
 */
void guest_run(struct queue *const *queues, uint32_t count, int io, uint32_t burst, uint64_t ns,
	       struct report *report)
{
	struct report run = { .clock_ns = cost_of_clock() };
	uint64_t began = now_ns();

	do {
		for (uint32_t bursts = 0; bursts < BURSTS_BETWEEN_LOOKS; bursts += count)
			for (uint32_t i = 0; i < count; i++)
				one_burst(queues[i], io, burst, &run);
		run.total_ns = now_ns() - began;
	} while (run.total_ns < ns);
	*report = run;
}
