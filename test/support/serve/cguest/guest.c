/*
 * A guest that is neither of the project's drivers: one queue pair of an AVP device that
 * `avp serve --dir DIR` exports, by hand. It sends frames that the host reflects, and checks what
 * comes back.
 *
 *	guest DIR SLOT COUNT
 *
 * It sends COUNT frames and closes in order, or with COUNT 0 goes on until SIGTERM. It prints one
 * line of JSON when the port is up and one at its end. Exit status 0: each frame came back, once,
 * unchanged and in order. 1: not so. 2: the device is refused; standard error says why.
 *
 * It waits for nothing but what the protocol lets it wait for, so that it starts as early after a
 * former guest's end as any guest can.
 */
#include <signal.h>
#include "device.h"

enum { FRAME = 200, WINDOW = 128, BURST = 16, QUIET_MS = 5000 };

static volatile sig_atomic_t ending;

static void fill_frame(uint8_t *frame, uint32_t number)
{
	memcpy(frame, bars[INFO] + 344, 6);
	memcpy(frame + 6, bars[INFO] + 344, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	for (int i = 14; i + 4 <= FRAME; i += 4) {
		uint32_t word = number * 2654435761u + (uint32_t)getpid() + (uint32_t)i;

		memcpy(frame + i, &word, sizeof(word));
	}
	frame[FRAME - 1] = frame[FRAME - 2] = 0;
}

static int send_frame(uint32_t number)
{
	uint64_t buffer;
	uint8_t *desc;

	if (((get32(tx.base) + 1) & tx.mask) == get32(tx.base + 4) || !pull(&alloc, &buffer))
		return 0;
	desc = at_va(buffer);
	fill_frame(at_va(get64(desc + 40)), number);
	put16(desc + 30, 0);
	put64(desc + 32, 0);
	put16(desc + 48, FRAME);
	desc[50] = 1;
	put16(desc + 52, FRAME);
	push(&tx, buffer);
	return 1;
}

/* Takes a frame: 1 where it is the one that was expected, 0 where there is none, -1 where it is another. */
static int take_frame(uint32_t number)
{
	uint8_t expected[FRAME];
	uint64_t buffer;
	uint8_t *desc;
	int good;

	if (filled(&release) == release.mask || !pull(&rx, &buffer))
		return 0;
	desc = at_va(buffer);
	fill_frame(expected, number);
	good = *(uint16_t *)(desc + 52) == FRAME && memcmp(at_va(get64(desc + 40)), expected, FRAME) == 0;
	push(&release, buffer);
	return good ? 1 : -1;
}

static void on_end(int number)
{
	(void)number;
	ending = 1;
}

int main(int argc, char **argv)
{
	char device[2048];
	unsigned long count, sent = 0, received = 0, wrong = 0;
	int closed;

	if (argc != 4)
		refuse("expected DIR SLOT COUNT");
	signal(SIGTERM, on_end);
	count = strtoul(argv[3], NULL, 10);
	snprintf(device, sizeof(device), "%s/devices/%s", argv[1], argv[2]);
	map_bars(device);
	connect_to(argv[1], device);
	probe();
	bring_up();
	printf("{\"up\":true}\n");
	fflush(stdout);
	for (long quiet = now_ms(); now_ms() - quiet < QUIET_MS;) {
		int more = count == 0 ? !ending : sent < count, moved = 0, taken = 0;

		if (!more && received + wrong >= sent)
			break;
		for (int i = 0; more && i < BURST && sent - received - wrong < WINDOW && send_frame(sent); i++, moved = 1)
			if (++sent == count)
				more = 0;
		for (int i = 0; i < BURST && (taken = take_frame(received + wrong)) != 0; i++, moved = 1)
			taken == 1 ? received++ : wrong++;
		if (moved)
			quiet = now_ms();
		else
			pause_us(50);
	}
	put32(bars[REGISTERS] + MASK, 0);
	closed = request(SHUT_DOWN, "", 0);
	printf("{\"sent\":%lu,\"received\":%lu,\"wrong\":%lu,\"close\":%d}\n", sent, received, wrong, closed);
	return received == sent && closed == 0 ? 0 : 1;
}
