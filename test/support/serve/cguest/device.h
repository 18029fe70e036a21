/* A device of an export tree: mapping, connecting, probing, requests. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "memory.h"

enum { MASK = 0, MIGRATION_STATUS = 8 };
enum { SET_LINK = 2, CONFIGURE = 3, SHUT_DOWN = 4 };
enum { POLL_MS = 5, POLLS = 100 };

static struct fifo tx, rx, alloc, release, req, resp;
static uint8_t *sync_area;
static uint64_t sync_va;

static void pause_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void map_bars(const char *device)
{
	char path[4096];
	unsigned long long start, end, flags;
	FILE *file;

	snprintf(path, sizeof(path), "%s/resource", device);
	file = fopen(path, "r");
	for (int bar = 0; bar < BARS; bar++) {
		if (file == NULL || fscanf(file, "%llx %llx %llx", &start, &end, &flags) != 3)
			refuse("%s cannot be read", path);
		bar_bytes[bar] = end == 0 ? 0 : end - start + 1;
	}
	fclose(file);
	for (int bar = 0; bar < BARS; bar++) {
		if (bar_bytes[bar] == 0)
			continue;
		snprintf(path, sizeof(path), "%s/resource%d", device, bar);
		int fd = open(path, O_RDWR);

		bars[bar] = mmap(NULL, bar_bytes[bar], PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (bars[bar] == MAP_FAILED)
			refuse("%s cannot be mapped: %s", path, strerror(errno));
		close(fd);
	}
}

/* Opens the uio socket whose number the device's folder shows; the connection is this guest's life. */
static void connect_to(const char *dir, const char *device)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[4096];
	const struct dirent *entry = NULL;
	const uint32_t enable = 1;
	DIR *folder;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(path, sizeof(path), "%s/uio", device);
	folder = opendir(path);
	while (folder != NULL && (entry = readdir(folder)) != NULL && strncmp(entry->d_name, "uio", 3) != 0)
		;
	if (entry == NULL || snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", dir, entry->d_name) >=
				     (int)sizeof(address.sun_path))
		refuse("%s names no uio file", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    write(fd, &enable, sizeof(enable)) != sizeof(enable))
		refuse("%s: %s", address.sun_path, strerror(errno));
	closedir(folder);
}

/* Section 14: checks the device and takes its addresses; the mask is opened last. */
static void probe(void)
{
	if (get32(bars[REGISTERS] + MIGRATION_STATUS) == 1)
		refuse("the device is being migrated");
	if (get32(bars[MEMMAP]) != 0x20131969)
		refuse("BAR 4 begins with %x", get32(bars[MEMMAP]));
	if (get32(bars[INFO]) != 0x20131975)
		refuse("BAR 5 begins with %x", get32(bars[INFO]));
	tx = open_fifo(40);
	rx = open_fifo(48);
	alloc = open_fifo(56);
	release = open_fifo(64);
	req = open_fifo(104);
	resp = open_fifo(112);
	sync_area = at_phys(get64(bars[INFO] + 120));
	sync_va = get64(bars[INFO] + 128);
	put32(bars[REGISTERS] + MASK, 0xffffffff);
}

/* Section 8. */
static int request(uint32_t id, const void *body, size_t bytes)
{
	uint64_t entry;

	while (pull(&resp, &entry))
		;
	memset(sync_area, 0, 36);
	put32(sync_area, id);
	memcpy(sync_area + 4, body, bytes);
	put32(sync_area + 32, -ENOTSUP);
	if (!push(&req, sync_va))
		return -EBUSY;
	for (int polls = 0; polls < POLLS; polls++, pause_us(POLL_MS * 1000L))
		if (pull(&resp, &entry))
			return entry == sync_va ? (int)get32(sync_area + 32) : -ENODATA;
	return -ETIME;
}

static void bring_up(void)
{
	uint8_t config[25] = { 0 };
	const uint8_t up = 1;
	int result;

	put64(config, get64(bars[INFO] + 360));
	put32(config + 8, 2);
	put32(config + 12, 0x10210);
	put16(config + 20, 1);
	put16(config + 22, 1);
	result = request(CONFIGURE, config, sizeof(config));
	if (result == 0)
		result = request(SET_LINK, &up, sizeof(up));
	if (result != 0)
		refuse("the host refused a request: %d", result);
}
