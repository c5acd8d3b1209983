/* What a puppet does with controls and events: for puppet.c only. */
#ifndef USERCAM_TEST_PUPPET_EVENTS_H
#define USERCAM_TEST_PUPPET_EVENTS_H

#include "puppet-queue.h"

#define MOST_CTRLS 3

static void do_get(const long *a, struct reply *reply)
{
	struct v4l2_control control = { .id = (unsigned int)a[1] };
	int result = ioctl((int)a[0], VIDIOC_G_CTRL, &control);

	answer(reply, result < 0 ? -1 : 0);
	say(reply, " %ld", control.value);
}

static void do_set(const long *a, struct reply *reply)
{
	struct v4l2_control control = { .id = (unsigned int)a[1], .value = (int)a[2] };
	int result = ioctl((int)a[0], VIDIOC_S_CTRL, &control);

	answer(reply, result < 0 ? -1 : 0);
	say(reply, " %ld", control.value);
}

/* Pairs of ids and values, up to an id that is 0. */
static void do_set_many(const long *a, struct reply *reply)
{
	struct v4l2_ext_control controls[MOST_CTRLS] = { { .id = 0 } };
	struct v4l2_ext_controls list = { .controls = controls };
	int result;

	for (; list.count < MOST_CTRLS && a[1 + 2 * list.count] != 0; list.count++) {
		controls[list.count].id = (unsigned int)a[1 + 2 * list.count];
		controls[list.count].value = (int)a[2 + 2 * list.count];
	}
	result = ioctl((int)a[0], VIDIOC_S_EXT_CTRLS, &list);
	answer(reply, result < 0 ? -1 : (long)list.error_idx);
	for (unsigned int i = 0; i < list.count; i++)
		say(reply, " %ld", controls[i].value);
}

static struct v4l2_event_subscription subscription_of(const long *a)
{
	return (struct v4l2_event_subscription){ .type = (unsigned int)a[1], .id = (unsigned int)a[2], .flags = (unsigned int)a[3] };
}

static void do_subscribe(const long *a, struct reply *reply)
{
	struct v4l2_event_subscription subscription = subscription_of(a);

	answer(reply, ioctl((int)a[0], VIDIOC_SUBSCRIBE_EVENT, &subscription));
}

static void do_unsubscribe(const long *a, struct reply *reply)
{
	struct v4l2_event_subscription subscription = subscription_of(a);

	answer(reply, ioctl((int)a[0], VIDIOC_UNSUBSCRIBE_EVENT, &subscription));
}

/* Type, id, what has changed and the value (or the first byte of an event that is none of controls), sequence, pending. */
static void do_dqevent(const long *a, struct reply *reply)
{
	struct v4l2_event event = { .type = 0 };
	int result = ioctl((int)a[0], VIDIOC_DQEVENT, &event);
	int is_ctrl = event.type == V4L2_EVENT_CTRL;

	answer(reply, result);
	say(reply, " %ld", event.type);
	say(reply, " %ld", event.id);
	say(reply, " %ld", is_ctrl ? event.u.ctrl.changes : 0);
	say(reply, " %ld", is_ctrl ? event.u.ctrl.value : event.u.data[0]);
	say(reply, " %ld", event.sequence);
	say(reply, " %ld", event.pending);
}

#endif
