/*
 * Asks a media device of a webcam what it is made of, by every way that there is: media [plug]
 *
 * With "plug" it says "ready" when it has asked, waits until the device goes, says "gone", and waits for the next one, which has
 * another number, as this program still has the old one open. Exits with 0 if all answers were right.
 */
#define _GNU_SOURCE
#include <linux/media.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "check.h"

#define BAD_ADDRESS ((void *)8)
#define PATIENCE_MSEC 30000
#define ENTITIES 4
#define INTERFACES 1
#define PADS 6
#define LINKS 4

static int fd;

static void say(const char *word)
{
	printf("%s\n", word);
	fflush(stdout);
}

static int is_zero(const void *bytes, size_t count)
{
	const unsigned char *each = bytes;

	while (count-- > 0)
		if (*each++ != 0)
			return 0;
	return 1;
}

static void check_info(void)
{
	struct media_device_info info;

	memset(&info, 0xa5, sizeof(info));
	check_errno("DEVICE_INFO", try_ioctl(fd, MEDIA_IOC_DEVICE_INFO, &info), 0);
	check("driver", strcmp(info.driver, "uvcvideo") == 0);
	check("bus_info", strncmp(info.bus_info, "usb-", 4) == 0);
	check("serial", info.serial[0] == '\0');
	check("version", info.media_version == info.driver_version && info.media_version >= (6 << 16));
	check("reserved of the info", is_zero(info.reserved, sizeof(info.reserved)));
	check_errno("DEVICE_INFO nowhere", try_ioctl(fd, MEDIA_IOC_DEVICE_INFO, BAD_ADDRESS), EFAULT);
}

static void check_entities(void)
{
	struct media_entity_desc entity = { .id = MEDIA_ENT_ID_FLAG_NEXT };
	unsigned int found = 0, pads = 0, links = 0;

	while (try_ioctl(fd, MEDIA_IOC_ENUM_ENTITIES, &entity) == 0) {
		struct media_pad_desc its_pads[PADS];
		struct media_link_desc its_links[LINKS];
		struct media_links_enum all = { .entity = entity.id, .pads = its_pads, .links = its_links };

		memset(all.reserved, 0xa5, sizeof(all.reserved));
		check_errno("ENUM_LINKS", try_ioctl(fd, MEDIA_IOC_ENUM_LINKS, &all), 0);
		check("reserved of the links", is_zero(all.reserved, sizeof(all.reserved)));
		if (entity.pads > 0)
			check("its pad", its_pads[0].entity == entity.id && its_pads[0].index == 0);
		if (entity.links > 0)
			check("its link", its_links[0].source.entity == entity.id && its_links[0].flags == 3);
		all.pads = BAD_ADDRESS;
		check_errno("ENUM_LINKS nowhere", try_ioctl(fd, MEDIA_IOC_ENUM_LINKS, &all), EFAULT);
		all.pads = NULL;
		all.links = NULL;
		check_errno("ENUM_LINKS of neither", try_ioctl(fd, MEDIA_IOC_ENUM_LINKS, &all), 0);
		if (found++ == 0)
			check("the node", entity.type == MEDIA_ENT_F_IO_V4L && entity.dev.major == 81 &&
						  entity.flags == MEDIA_ENT_FL_DEFAULT);
		pads += entity.pads;
		links += entity.links;
		entity.id |= MEDIA_ENT_ID_FLAG_NEXT;
	}
	check_errno("past the last entity", errno, EINVAL);
	check("as many as there are", found == ENTITIES && pads == PADS && links == LINKS - INTERFACES);
	entity.id = 0x1234;
	check_errno("no such entity", try_ioctl(fd, MEDIA_IOC_ENUM_ENTITIES, &entity), EINVAL);
}

static void check_topology(void)
{
	struct media_v2_entity entities[ENTITIES];
	struct media_v2_interface interfaces[INTERFACES];
	struct media_v2_pad pads[PADS];
	struct media_v2_link links[LINKS];
	struct media_v2_topology all = { .num_entities = 77, .reserved1 = 1, .reserved4 = 1 };

	check_errno("counts only", try_ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &all), 0);
	check("counts", all.num_entities == ENTITIES && all.num_interfaces == INTERFACES && all.num_pads == PADS &&
				all.num_links == LINKS);
	check("reserved", all.reserved1 == 0 && all.reserved4 == 0);
	all.ptr_entities = (uintptr_t)entities;
	all.ptr_interfaces = (uintptr_t)interfaces;
	all.ptr_pads = (uintptr_t)pads;
	all.ptr_links = (uintptr_t)links;
	check_errno("G_TOPOLOGY", try_ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &all), 0);
	check("the interface", interfaces[0].intf_type == MEDIA_INTF_T_V4L_VIDEO && interfaces[0].devnode.major == 81);
	check("to its entity", links[0].source_id == interfaces[0].id && links[0].sink_id == entities[0].id);
	check("pad to pad", links[1].source_id == pads[2].id && links[1].sink_id == pads[0].id);
	all.num_pads = PADS - 1;
	check_errno("too few pads", try_ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &all), ENOSPC);
	check("counts are not told", all.num_pads == PADS - 1);
	all.num_pads = PADS;
	all.ptr_links = (uintptr_t)BAD_ADDRESS;
	check_errno("links nowhere", try_ioctl(fd, MEDIA_IOC_G_TOPOLOGY, &all), EFAULT);
}

static void check_links(void)
{
	struct media_link_desc link = { .source = { .entity = 5, .index = 1 },
					.sink = { .entity = 1, .index = 0 },
					.flags = MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE };

	memset(link.reserved, 0xa5, sizeof(link.reserved));
	check_errno("a link as it is", try_ioctl(fd, MEDIA_IOC_SETUP_LINK, &link), 0);
	check("reserved of the link", is_zero(link.reserved, sizeof(link.reserved)));
	link.flags = MEDIA_LNK_FL_IMMUTABLE;
	check_errno("an immutable link", try_ioctl(fd, MEDIA_IOC_SETUP_LINK, &link), EINVAL);
	link.source.index = 9;
	check_errno("no such link", try_ioctl(fd, MEDIA_IOC_SETUP_LINK, &link), EINVAL);
}

static void check_others(void)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };
	struct v4l2_capability cap;
	char byte;
	int request;

	check_errno("REQUEST_ALLOC", try_ioctl(fd, MEDIA_IOC_REQUEST_ALLOC, &request), ENOTTY);
	check_errno("no such ioctl", try_ioctl(fd, _IO('|', 99), NULL), ENOTTY);
	check_errno("one that is none, nowhere", try_ioctl(fd, _IOWR('|', 0, int), BAD_ADDRESS), ENOTTY);
	check_errno("QUERYCAP", try_ioctl(fd, VIDIOC_QUERYCAP, &cap), ENOTTY);
	check("always ready", poll(&entry, 1, 0) == 1 && entry.revents == (POLLIN | POLLOUT));
	check_errno("read", read_errno(fd, &byte, 1), EINVAL);
	check_errno("write", write(fd, "", 1) < 0 ? errno : 0, EINVAL);
	check_errno("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? errno : 0, ENODEV);
	check_errno("ioctl of a file", try_ioctl(0, MEDIA_IOC_DEVICE_INFO, &cap), ENOTTY);
}

static void check_node(void)
{
	struct stat by_name, by_descriptor;

	check("stat", stat("/dev/media0", &by_name) == 0 && S_ISCHR(by_name.st_mode) && minor(by_name.st_rdev) == 0);
	check("fstat", fstat(fd, &by_descriptor) == 0 && by_descriptor.st_rdev == by_name.st_rdev &&
			       by_descriptor.st_ino == by_name.st_ino);
	check("the node of the camera is another", stat("/dev/video0", &by_descriptor) == 0 &&
						       by_descriptor.st_ino != by_name.st_ino);
}

static void wait_for(const char *node, int is_there)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int patience = PATIENCE_MSEC;

	while ((access(node, F_OK) == 0) != is_there && patience-- > 0)
		nanosleep(&pause, NULL);
}

static void check_plug(void)
{
	struct pollfd entry = { .fd = fd, .events = POLLPRI };
	struct media_device_info info;
	int next;

	say("ready");
	check("woken", poll(&entry, 1, PATIENCE_MSEC) == 1 && (entry.revents & (POLLERR | POLLHUP)) != 0);
	wait_for("/dev/media0", 0);
	check_errno("DEVICE_INFO of what has gone", try_ioctl(fd, MEDIA_IOC_DEVICE_INFO, &info), EIO);
	check_errno("and an unknown ioctl", try_ioctl(fd, _IO('|', 99), NULL), EIO);
	check_errno("open", open("/dev/media0", O_RDWR) < 0 ? errno : 0, ENOENT);
	say("gone");
	wait_for("/dev/media1", 1);
	next = open("/dev/media1", O_RDWR | O_CLOEXEC);
	check_errno("DEVICE_INFO of the next one", try_ioctl(next, MEDIA_IOC_DEVICE_INFO, &info), 0);
	check_errno("and still of the one that has gone", try_ioctl(fd, MEDIA_IOC_DEVICE_INFO, &info), EIO);
	close(next);
	close(fd);
	say("closed");
	wait_for("/dev/media0", 1);
	next = open("/dev/media0", O_RDWR | O_CLOEXEC);
	check_errno("the number is given again", try_ioctl(next, MEDIA_IOC_DEVICE_INFO, &info), 0);
}

int main(int argc, char **argv)
{
	fd = open("/dev/media0", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/media0");
	check_info();
	check_entities();
	check_topology();
	check_links();
	check_others();
	check_node();
	if (argc > 1 && strcmp(argv[1], "plug") == 0)
		check_plug();
	return end_of_checks();
}
