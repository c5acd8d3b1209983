/** MEDIA_IOC_SETUP_LINK: a program enables or disables a link. */
import { MEDIA_LNK_FL_ENABLED, MEDIA_LNK_FL_IMMUTABLE, type media_link_desc } from '../abi/index.ts';
import { EINVAL, Errno } from '../base/errno.ts';
import type { MediaLink, MediaPad } from './graph.ts';
import type { MediaDevice } from './media-device.ts';

/** @kernel media_device_setup_link */
export function setupLink(mdev: MediaDevice, desc: media_link_desc): void {
  const { source, sink } = desc;
  const from = mdev.entity(source.entity).pads[source.index];
  const to = mdev.entity(sink.entity).pads[sink.index];
  const link = from?.entity.links.find((each) => each.source === from && each.sink === to);
  if (link === undefined)
    throw new Errno(
      EINVAL,
      `there is no link from ${source.entity}:${source.index} to ${sink.entity}:${sink.index}`,
    );
  for (let i = 0; i < desc.reserved.length; i++) desc.reserved.set(i, 0);
  change(link, desc.flags);
}

/** @kernel __media_entity_setup_link */
function change(link: MediaLink<MediaPad, MediaPad>, flags: number): void {
  if (link.flags === flags) return;
  if ((link.flags ^ flags) !== MEDIA_LNK_FL_ENABLED)
    throw new Errno(EINVAL, 'a link can be enabled and disabled, and no more');
  if (link.flags & MEDIA_LNK_FL_IMMUTABLE) throw new Errno(EINVAL, 'the link is immutable');
  const { source, sink } = link;
  source.entity.ops.linkSetup?.(source, sink, flags);
  try {
    sink.entity.ops.linkSetup?.(sink, source, flags);
  } catch (refused) {
    source.entity.ops.linkSetup?.(source, sink, link.flags);
    throw refused;
  }
  link.flags = flags;
}
