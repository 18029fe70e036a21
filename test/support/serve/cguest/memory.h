/* The exported memory of an AVP device, as its guest sees it: BARs, addresses and FIFOs. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

enum { BARS = 6, REGISTERS = 0, MEMORY = 2, MEMMAP = 4, INFO = 5 };

static uint8_t *bars[BARS];
static size_t bar_bytes[BARS];

static void refuse(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
	exit(2);
}

static uint32_t get32(const uint8_t *at)
{
	return *(const volatile uint32_t *)at;
}

static uint64_t get64(const uint8_t *at)
{
	return *(const volatile uint64_t *)at;
}

static void put16(uint8_t *at, uint16_t value)
{
	*(volatile uint16_t *)at = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

static void put64(uint8_t *at, uint64_t value)
{
	*(volatile uint64_t *)at = value;
}

/* Section 4: a host physical address as a place in BAR 2. */
static uint8_t *at_phys(uint64_t phys)
{
	const uint8_t *map = bars[MEMMAP] + 16;
	uint64_t offset = 0;

	for (uint32_t i = get32(bars[MEMMAP] + 8); i != 0; i--, map += 24) {
		uint64_t start = get64(map + 8), length = get64(map + 16);

		if (phys >= start && phys - start < length && offset + (phys - start) < bar_bytes[MEMORY])
			return bars[MEMORY] + offset + (phys - start);
		offset += length;
	}
	refuse("no map holds the address %llx", (unsigned long long)phys);
	return NULL;
}

/* Section 4: a host virtual address in the first pool as a place in BAR 2. */
static uint8_t *at_va(uint64_t va)
{
	static uint8_t *pool;
	static uint64_t start, length;

	if (pool == NULL) {
		start = get64(bars[INFO] + 152);
		length = get64(bars[INFO] + 168);
		pool = at_phys(get64(bars[INFO] + 160));
	}
	if (va - start >= length)
		refuse("the host named a buffer at %llx, which is in no pool", (unsigned long long)va);
	return pool + (va - start);
}

struct fifo {
	uint8_t *base;
	uint32_t mask;
};

static struct fifo open_fifo(int field)
{
	struct fifo fifo = { .base = at_phys(get64(bars[INFO] + field)) };
	uint32_t length = get32(fifo.base + 8);

	if (length < 2 || (length & (length - 1)) != 0 || get32(fifo.base + 12) != 8 ||
	    get32(fifo.base) >= length || get32(fifo.base + 4) >= length)
		refuse("the FIFO behind field %d has an invalid header", field);
	fifo.mask = length - 1;
	return fifo;
}

static uint32_t filled(const struct fifo *fifo)
{
	return (get32(fifo->base) - get32(fifo->base + 4)) & fifo->mask;
}

static int push(struct fifo *fifo, uint64_t value)
{
	uint32_t write = get32(fifo->base);
	uint32_t read = __atomic_load_n((uint32_t *)(fifo->base + 4), __ATOMIC_ACQUIRE);

	if (((write + 1) & fifo->mask) == read)
		return 0;
	put64(fifo->base + 16 + 8 * write, value);
	__atomic_store_n((uint32_t *)fifo->base, (write + 1) & fifo->mask, __ATOMIC_RELEASE);
	return 1;
}

static int pull(struct fifo *fifo, uint64_t *value)
{
	uint32_t write = __atomic_load_n((uint32_t *)fifo->base, __ATOMIC_ACQUIRE);
	uint32_t read = get32(fifo->base + 4);

	if (write == read)
		return 0;
	*value = get64(fifo->base + 16 + 8 * read);
	__atomic_store_n((uint32_t *)(fifo->base + 4), (read + 1) & fifo->mask, __ATOMIC_RELEASE);
	return 1;
}
