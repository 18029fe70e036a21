/*
 * The host's end of queue pairs of AVP devices, in C: what `avp perf` measures ours against, and the
 * host behind all drivers when it measures those. One thread serves all queue pairs in turn.
 *
 * It takes over rings that are set up already, all buffers of the devices' pools with them, and works on
 * them with the checks that a host owes itself: whatever the guest can write is fetched once,
 * checked, then used. Section numbers are those of shared/PROTOCOL.md.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_SEGMENTS 5
#define MIN_PACKET_BYTES 14
#define BURST 64
/* Rounds between two looks at the clock and at the word that ends the run. */
#define ROUNDS_BETWEEN_LOOKS 64

/* Behaviour of the network behind the host, as flags. */
enum { REFLECT = 1, SOURCE = 2, SINK = 4 };

enum place { IN_POOL, LENT, ON_RX, TAKEN };

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

/* One end of a ring. The other side's index is fetched once a burst, ours never. */
struct end {
	struct fifo *fifo;
	uint32_t len, index;
};

struct buffer {
	struct desc *desc;
	uint8_t *data;
	uint64_t va, data_va;
	struct buffer *chain;
	enum place place;
};

/* The packet buffers of one device, and what holds for all its queue pairs. */
struct pool_settings {
	/* Arena address of the pool, and its host virtual address. */
	uint64_t va;
	uint32_t pool;
	/* Layout of a pool: its first descriptor, the stride of descriptors, and the offset of a descriptor's data. */
	uint32_t first, stride, data_offset;
	uint32_t buffers, mbuf_size, max_rx_pkt_len;
};

struct pool {
	struct pool_settings set;
	uint8_t *arena;
	struct buffer *buffers;
	/* Packets of several buffers are put together here. */
	uint8_t frame[65536];
};

/* Arena addresses of a queue pair's rings, and how many buffers it may lend. */
struct queue_settings {
	uint32_t tx, rx, alloc, free, lend_limit;
};

struct report {
	uint64_t from_guest, to_guest, refused, dropped, ns;
};

/* One queue pair. It keeps the buffers that it has taken over, because every guest returns them to it. */
struct host {
	struct pool *pool;
	struct end tx, rx, alloc, free;
	/* Buffers of this queue pair that are neither lent nor on a ring. */
	struct buffer **stack;
	/* Taken off tx for the packet at hand. */
	struct buffer *taken;
	uint32_t in_pool, lent, lend_limit;
	struct report report;
};

static uint32_t filled(const struct end *end)
{
	uint32_t write = __atomic_load_n(&end->fifo->write, __ATOMIC_ACQUIRE);

	return write >= end->len ? 0 : (write - end->index) & (end->len - 1);
}

static uint32_t room(const struct end *end)
{
	uint32_t read = __atomic_load_n(&end->fifo->read, __ATOMIC_ACQUIRE);

	return read >= end->len ? 0 : (read - end->index - 1) & (end->len - 1);
}

static uint64_t *slot(const struct end *end, uint32_t ahead)
{
	return &end->fifo->slot[(end->index + ahead) & (end->len - 1)];
}

static void publish(struct end *end, uint32_t *word, uint32_t count)
{
	end->index = (end->index + count) & (end->len - 1);
	__atomic_store_n(word, end->index, __ATOMIC_RELEASE);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static struct buffer *buffer_at(const struct pool *pool, uint64_t va)
{
	uint64_t offset = va - pool->set.va - pool->set.first;
	uint32_t index;

	if (offset >= (uint64_t)pool->set.buffers * pool->set.stride)
		return NULL;
	index = (uint32_t)offset / pool->set.stride;
	return index * pool->set.stride == offset ? &pool->buffers[index] : NULL;
}

/* A chain goes back to the pool; gives how many buffers it had. */
static uint32_t give_back(struct host *host, struct buffer *buffer)
{
	uint32_t count = 0;

	for (; buffer != NULL; buffer = buffer->chain, count++) {
		buffer->place = IN_POOL;
		host->stack[host->in_pool++] = buffer;
	}
	return count;
}

/* Section 7: what stands in a buffer every time it goes round. */
static void restore(struct buffer *buffer)
{
	struct desc *desc = buffer->desc;

	desc->ol_flags = 0;
	desc->next = 0;
	desc->data = buffer->data_va;
	desc->data_len = 0;
	desc->nb_segs = 1;
	desc->pkt_len = 0;
	desc->vlan_tci = 0;
}

/*
 * Takes a chain off the guest, buffer by buffer, and checks it. Gives the packet's bytes and where
 * they stand: in its only buffer, or put together in `frame`. 0 for a packet that is refused.
 */
static uint32_t gather(struct host *host, uint64_t va, uint8_t **frame)
{
	struct buffer *buffer = buffer_at(host->pool, va);
	uint32_t segments = 0, bytes = 0, seen = 0, left = 0, at = 0;
	int good = 1;

	while (buffer != NULL && buffer->place == LENT) {
		const volatile struct desc *desc = buffer->desc;
		uint32_t part = desc->data_len;
		uint64_t next = desc->next;

		if (seen++ == 0) {
			segments = desc->nb_segs;
			left = bytes = desc->pkt_len;
		}
		buffer->place = TAKEN;
		buffer->chain = host->taken;
		host->taken = buffer;
		good = good && seen <= segments && segments <= MAX_SEGMENTS && part != 0 && part <= host->pool->set.mbuf_size
			&& part <= left && desc->data == buffer->data_va;
		if (good && segments > 1)
			memcpy(host->pool->frame + at, buffer->data, part);
		*frame = segments > 1 ? host->pool->frame : buffer->data;
		at += part;
		left -= part;
		if (next == 0)
			return good && seen == segments && left == 0 && bytes >= MIN_PACKET_BYTES ? bytes : 0;
		buffer = buffer_at(host->pool, next);
	}
	return 0;
}

/*
 * Puts a frame into a chain for the slot `ahead` of rx. False where the pool has too few buffers beside those
 * that may still be lent, without which the guest could not send.
 */
static int deliver(struct host *host, const uint8_t *frame, uint32_t bytes, uint32_t ahead)
{
	uint32_t size = host->pool->set.mbuf_size, segments = (bytes + size - 1) / size, done = 0;
	struct buffer *first, *former = NULL;

	if (bytes > host->pool->set.max_rx_pkt_len || segments > MAX_SEGMENTS
	    || segments + host->lend_limit - host->lent > host->in_pool)
		return 0;
	first = host->stack[host->in_pool - 1];
	for (uint32_t i = 0; i < segments; i++) {
		struct buffer *buffer = host->stack[--host->in_pool];
		uint32_t part = least(size, bytes - done);

		memcpy(buffer->data, frame + done, part);
		restore(buffer);
		buffer->desc->data_len = part;
		buffer->place = ON_RX;
		buffer->chain = NULL;
		if (former != NULL) {
			former->desc->next = buffer->va;
			former->chain = buffer;
		}
		former = buffer;
		done += part;
	}
	first->desc->nb_segs = segments;
	first->desc->pkt_len = bytes;
	*slot(&host->rx, ahead) = first->va;
	return 1;
}

static void take_free(struct host *host)
{
	uint32_t count = least(filled(&host->free), BURST);

	for (uint32_t i = 0; i < count; i++) {
		struct buffer *buffer = buffer_at(host->pool, *slot(&host->free, i));

		if (buffer == NULL || buffer->place != ON_RX) {
			host->report.refused++;
			continue;
		}
		give_back(host, buffer);
	}
	if (count != 0)
		publish(&host->free, &host->free.fifo->read, count);
}

static void take_tx(struct host *host, int reflect)
{
	uint32_t count = least(filled(&host->tx), BURST), space = reflect ? room(&host->rx) : 0, put = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint8_t *frame = NULL;
		uint32_t bytes = gather(host, *slot(&host->tx, i), &frame);

		if (bytes == 0)
			host->report.refused++;
		else if (reflect && put < space && deliver(host, frame, bytes, put))
			put++;
		else if (reflect)
			host->report.dropped++;
		host->lent -= give_back(host, host->taken);
		host->taken = NULL;
	}
	if (count != 0)
		publish(&host->tx, &host->tx.fifo->read, count);
	if (put != 0)
		publish(&host->rx, &host->rx.fifo->write, put);
	host->report.from_guest += count;
	host->report.to_guest += put;
}

static void fill_rx(struct host *host, const uint8_t *frame, uint32_t bytes)
{
	uint32_t count = least(room(&host->rx), BURST), put = 0;

	while (put < count && deliver(host, frame, bytes, put))
		put++;
	if (put != 0)
		publish(&host->rx, &host->rx.fifo->write, put);
	host->report.to_guest += put;
}

static void fill_alloc(struct host *host)
{
	uint32_t count = least(room(&host->alloc), BURST);

	count = least(least(count, host->in_pool), host->lend_limit - host->lent);
	for (uint32_t i = 0; i < count; i++) {
		struct buffer *buffer = host->stack[--host->in_pool];

		restore(buffer);
		buffer->place = LENT;
		*slot(&host->alloc, i) = buffer->va;
	}
	host->lent += count;
	if (count != 0)
		publish(&host->alloc, &host->alloc.fifo->write, count);
}

/* Notes what lies on a ring as the guest's; `from` is the consumer's index. */
static void find(struct host *host, struct end *end, enum place place)
{
	for (uint32_t i = end->fifo->read; i != end->fifo->write; i = (i + 1) & (end->len - 1)) {
		struct buffer *buffer = buffer_at(host->pool, end->fifo->slot[i]);

		while (buffer != NULL && buffer->place == IN_POOL) {
			buffer->place = place;
			host->lent += place == LENT;
			buffer->chain = place == ON_RX ? buffer_at(host->pool, buffer->desc->next) : NULL;
			buffer = buffer->chain;
		}
	}
}

static struct end end_of(uint8_t *arena, uint32_t address, int producer)
{
	struct fifo *fifo = (struct fifo *)(arena + address);

	return (struct end){ fifo, fifo->len, producer ? fifo->write : fifo->read };
}

void pool_close(struct pool *pool)
{
	free(pool->buffers);
	free(pool);
}

/* Takes over a device's buffers, all of which count as not in use. NULL without memory. */
struct pool *pool_open(uint8_t *arena, const struct pool_settings *set)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->set = *set;
	pool->arena = arena;
	pool->buffers = calloc(set->buffers, sizeof(*pool->buffers));
	if (pool->buffers == NULL) {
		pool_close(pool);
		return NULL;
	}
	for (uint32_t i = 0; i < set->buffers; i++) {
		uint64_t offset = set->first + (uint64_t)i * set->stride;

		pool->buffers[i].desc = (struct desc *)(arena + set->pool + offset);
		pool->buffers[i].data = arena + set->pool + offset + set->data_offset;
		pool->buffers[i].va = set->va + offset;
		pool->buffers[i].data_va = set->va + offset + set->data_offset;
	}
	return pool;
}

void host_close(struct host *host)
{
	free(host->stack);
	free(host);
}

/*
 * Takes over the rings of a queue pair as they lie, with the buffers on them; no guest may be at them, nor any
 * other host. NULL without memory.
 */
struct host *host_open(struct pool *pool, const struct queue_settings *set)
{
	struct host *host = calloc(1, sizeof(*host));

	if (host == NULL)
		return NULL;
	host->pool = pool;
	host->lend_limit = set->lend_limit;
	host->stack = calloc(pool->set.buffers, sizeof(*host->stack));
	if (host->stack == NULL) {
		host_close(host);
		return NULL;
	}
	host->tx = end_of(pool->arena, set->tx, 0);
	host->free = end_of(pool->arena, set->free, 0);
	host->rx = end_of(pool->arena, set->rx, 1);
	host->alloc = end_of(pool->arena, set->alloc, 1);
	find(host, &host->alloc, LENT);
	find(host, &host->tx, LENT);
	find(host, &host->rx, ON_RX);
	find(host, &host->free, ON_RX);
	return host;
}

/* Deals the buffers of a pool that no queue pair has found to all its queue pairs. */
void pool_deal(struct pool *pool, struct host *const *hosts, uint32_t count)
{
	for (uint32_t i = 0, turn = 0; i < pool->set.buffers; i++)
		if (pool->buffers[i].place == IN_POOL) {
			struct host *host = hosts[turn++ % count];

			host->stack[host->in_pool++] = &pool->buffers[i];
		}
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static void serve(struct host *host, uint32_t mode, const uint8_t *frame, uint32_t bytes)
{
	take_free(host);
	if (mode & (REFLECT | SINK))
		take_tx(host, mode & REFLECT);
	if (mode & SOURCE)
		fill_rx(host, frame, bytes);
	fill_alloc(host);
}

/*
 * Serves queue pairs in turn on one CPU (any where `cpu` is negative), until `rounds` rounds are done, `ns`
 * nanoseconds are over, or `*stop` is not 0. A source sends `frame`. Reports the frames moved, of all queue pairs.
 */
void host_run(struct host *const *hosts, uint32_t count, uint32_t mode, const uint8_t *frame, uint32_t bytes, int cpu,
	      uint64_t rounds, uint64_t ns, const uint32_t *stop, struct report *report)
{
	cpu_set_t former, own;
	uint64_t began;

	sched_getaffinity(0, sizeof(former), &former);
	if (cpu >= 0) {
		CPU_ZERO(&own);
		CPU_SET(cpu, &own);
		sched_setaffinity(0, sizeof(own), &own);
	}
	for (uint32_t i = 0; i < count; i++)
		memset(&hosts[i]->report, 0, sizeof(hosts[i]->report));
	began = now_ns();
	for (uint64_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < count; i++)
			serve(hosts[i], mode, frame, bytes);
		if (round % ROUNDS_BETWEEN_LOOKS == 0
		    && (__atomic_load_n(stop, __ATOMIC_ACQUIRE) != 0 || now_ns() - began >= ns))
			break;
	}
	memset(report, 0, sizeof(*report));
	report->ns = now_ns() - began;
	for (uint32_t i = 0; i < count; i++) {
		report->from_guest += hosts[i]->report.from_guest;
		report->to_guest += hosts[i]->report.to_guest;
		report->refused += hosts[i]->report.refused;
		report->dropped += hosts[i]->report.dropped;
	}
	sched_setaffinity(0, sizeof(former), &former);
}
