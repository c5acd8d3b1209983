/** The user ABI of linux/media.h in C's own names: what a media device is made of, and its ioctls. */
import { _IO, _IOR, _IOWR } from './ioctl-number.ts';
import { array, chars, over, packed, pointer, struct, u8, u16, u32, u64, type ViewOf } from './layout.ts';

// Functions of entities (`media_v2_entity.function`, `media_entity_desc.type`): two old ranges, and all the others.
export const MEDIA_ENT_F_BASE = 0x00000000;
export const MEDIA_ENT_F_OLD_BASE = 0x00010000;
export const MEDIA_ENT_F_OLD_SUBDEV_BASE = 0x00020000;
export const MEDIA_ENT_F_UNKNOWN = MEDIA_ENT_F_BASE;
export const MEDIA_ENT_F_V4L2_SUBDEV_UNKNOWN = MEDIA_ENT_F_OLD_SUBDEV_BASE;

export const MEDIA_ENT_F_DTV_DEMOD = MEDIA_ENT_F_BASE + 0x00001;
export const MEDIA_ENT_F_TS_DEMUX = MEDIA_ENT_F_BASE + 0x00002;
export const MEDIA_ENT_F_DTV_CA = MEDIA_ENT_F_BASE + 0x00003;
export const MEDIA_ENT_F_DTV_NET_DECAP = MEDIA_ENT_F_BASE + 0x00004;

export const MEDIA_ENT_F_IO_V4L = MEDIA_ENT_F_OLD_BASE + 1;
export const MEDIA_ENT_F_IO_DTV = MEDIA_ENT_F_BASE + 0x01001;
export const MEDIA_ENT_F_IO_VBI = MEDIA_ENT_F_BASE + 0x01002;
export const MEDIA_ENT_F_IO_SWRADIO = MEDIA_ENT_F_BASE + 0x01003;

export const MEDIA_ENT_F_CAM_SENSOR = MEDIA_ENT_F_OLD_SUBDEV_BASE + 1;
export const MEDIA_ENT_F_FLASH = MEDIA_ENT_F_OLD_SUBDEV_BASE + 2;
export const MEDIA_ENT_F_LENS = MEDIA_ENT_F_OLD_SUBDEV_BASE + 3;
export const MEDIA_ENT_F_ATV_DECODER = MEDIA_ENT_F_OLD_SUBDEV_BASE + 4;
export const MEDIA_ENT_F_TUNER = MEDIA_ENT_F_OLD_SUBDEV_BASE + 5;

export const MEDIA_ENT_F_IF_VID_DECODER = MEDIA_ENT_F_BASE + 0x02001;
export const MEDIA_ENT_F_IF_AUD_DECODER = MEDIA_ENT_F_BASE + 0x02002;

export const MEDIA_ENT_F_AUDIO_CAPTURE = MEDIA_ENT_F_BASE + 0x03001;
export const MEDIA_ENT_F_AUDIO_PLAYBACK = MEDIA_ENT_F_BASE + 0x03002;
export const MEDIA_ENT_F_AUDIO_MIXER = MEDIA_ENT_F_BASE + 0x03003;

export const MEDIA_ENT_F_PROC_VIDEO_COMPOSER = MEDIA_ENT_F_BASE + 0x4001;
export const MEDIA_ENT_F_PROC_VIDEO_PIXEL_FORMATTER = MEDIA_ENT_F_BASE + 0x4002;
export const MEDIA_ENT_F_PROC_VIDEO_PIXEL_ENC_CONV = MEDIA_ENT_F_BASE + 0x4003;
export const MEDIA_ENT_F_PROC_VIDEO_LUT = MEDIA_ENT_F_BASE + 0x4004;
export const MEDIA_ENT_F_PROC_VIDEO_SCALER = MEDIA_ENT_F_BASE + 0x4005;
export const MEDIA_ENT_F_PROC_VIDEO_STATISTICS = MEDIA_ENT_F_BASE + 0x4006;
export const MEDIA_ENT_F_PROC_VIDEO_ENCODER = MEDIA_ENT_F_BASE + 0x4007;
export const MEDIA_ENT_F_PROC_VIDEO_DECODER = MEDIA_ENT_F_BASE + 0x4008;
export const MEDIA_ENT_F_PROC_VIDEO_ISP = MEDIA_ENT_F_BASE + 0x4009;

export const MEDIA_ENT_F_VID_MUX = MEDIA_ENT_F_BASE + 0x5001;
export const MEDIA_ENT_F_VID_IF_BRIDGE = MEDIA_ENT_F_BASE + 0x5002;

export const MEDIA_ENT_F_DV_DECODER = MEDIA_ENT_F_BASE + 0x6001;
export const MEDIA_ENT_F_DV_ENCODER = MEDIA_ENT_F_BASE + 0x6002;

// Flags of entities.
export const MEDIA_ENT_FL_DEFAULT = 1 << 0;
export const MEDIA_ENT_FL_CONNECTOR = 1 << 1;

/** With the number of an entity: the one after it. */
export const MEDIA_ENT_ID_FLAG_NEXT = 0x80000000;

// What older programs take `media_entity_desc.type` apart by.
export const MEDIA_ENT_SUBTYPE_MASK = 0x0000ffff;
export const MEDIA_ENT_T_DEVNODE_UNKNOWN = MEDIA_ENT_F_OLD_BASE | MEDIA_ENT_SUBTYPE_MASK;

// Flags of pads.
export const MEDIA_PAD_FL_SINK = 1 << 0;
export const MEDIA_PAD_FL_SOURCE = 1 << 1;
export const MEDIA_PAD_FL_MUST_CONNECT = 1 << 2;

// Flags of links; the topmost four bits are the type.
export const MEDIA_LNK_FL_ENABLED = 1 << 0;
export const MEDIA_LNK_FL_IMMUTABLE = 1 << 1;
export const MEDIA_LNK_FL_DYNAMIC = 1 << 2;
export const MEDIA_LNK_FL_DATA_LINK = 0;
export const MEDIA_LNK_FL_INTERFACE_LINK = 1 << 28;
export const MEDIA_LNK_FL_ANCILLARY_LINK = 2 << 28;

// `media_v2_interface.intf_type`.
export const MEDIA_INTF_T_DVB_BASE = 0x00000100;
export const MEDIA_INTF_T_V4L_BASE = 0x00000200;
export const MEDIA_INTF_T_ALSA_BASE = 0x00000300;
export const MEDIA_INTF_T_DVB_FE = MEDIA_INTF_T_DVB_BASE;
export const MEDIA_INTF_T_DVB_DEMUX = MEDIA_INTF_T_DVB_BASE + 1;
export const MEDIA_INTF_T_DVB_DVR = MEDIA_INTF_T_DVB_BASE + 2;
export const MEDIA_INTF_T_DVB_CA = MEDIA_INTF_T_DVB_BASE + 3;
export const MEDIA_INTF_T_DVB_NET = MEDIA_INTF_T_DVB_BASE + 4;
export const MEDIA_INTF_T_V4L_VIDEO = MEDIA_INTF_T_V4L_BASE;
export const MEDIA_INTF_T_V4L_VBI = MEDIA_INTF_T_V4L_BASE + 1;
export const MEDIA_INTF_T_V4L_RADIO = MEDIA_INTF_T_V4L_BASE + 2;
export const MEDIA_INTF_T_V4L_SUBDEV = MEDIA_INTF_T_V4L_BASE + 3;
export const MEDIA_INTF_T_V4L_SWRADIO = MEDIA_INTF_T_V4L_BASE + 4;
export const MEDIA_INTF_T_V4L_TOUCH = MEDIA_INTF_T_V4L_BASE + 5;
export const MEDIA_INTF_T_ALSA_PCM_CAPTURE = MEDIA_INTF_T_ALSA_BASE;
export const MEDIA_INTF_T_ALSA_PCM_PLAYBACK = MEDIA_INTF_T_ALSA_BASE + 1;
export const MEDIA_INTF_T_ALSA_CONTROL = MEDIA_INTF_T_ALSA_BASE + 2;

export const media_device_info = struct('media_device_info', {
  driver: chars(16),
  model: chars(32),
  serial: chars(40),
  bus_info: chars(32),
  media_version: u32,
  hw_revision: u32,
  driver_version: u32,
  reserved: array(u32, 31),
});
export type media_device_info = ViewOf<typeof media_device_info.fields>;

export const media_entity_desc_dev = struct('media_entity_desc.dev', { major: u32, minor: u32 });
export type media_entity_desc_dev = ViewOf<typeof media_entity_desc_dev.fields>;

export const media_entity_desc_alsa = struct('media_entity_desc.alsa', {
  card: u32,
  device: u32,
  subdevice: u32,
});
export type media_entity_desc_alsa = ViewOf<typeof media_entity_desc_alsa.fields>;

/** `pads` and `links` count those of the entity; of the union the entity's `type` says what counts. */
export const media_entity_desc = struct('media_entity_desc', {
  id: u32,
  name: chars(32),
  type: u32,
  revision: u32,
  flags: u32,
  group_id: u32,
  pads: u16,
  links: u16,
  reserved: array(u32, 4),
  dev: media_entity_desc_dev,
  alsa: over('dev', media_entity_desc_alsa),
  raw: over('dev', array(u8, 184)),
});
export type media_entity_desc = ViewOf<typeof media_entity_desc.fields>;

export const media_pad_desc = struct('media_pad_desc', {
  entity: u32,
  index: u16,
  flags: u32,
  reserved: array(u32, 2),
});
export type media_pad_desc = ViewOf<typeof media_pad_desc.fields>;

export const media_link_desc = struct('media_link_desc', {
  source: media_pad_desc,
  sink: media_pad_desc,
  flags: u32,
  reserved: array(u32, 2),
});
export type media_link_desc = ViewOf<typeof media_link_desc.fields>;

/** `pads` and `links` point to arrays of the program with as much room as the entity has of each; or are 0. */
export const media_links_enum = struct('media_links_enum', {
  entity: u32,
  pads: pointer,
  links: pointer,
  reserved: array(u32, 4),
});
export type media_links_enum = ViewOf<typeof media_links_enum.fields>;

export const media_v2_entity = packed('media_v2_entity', {
  id: u32,
  name: chars(64),
  function: u32,
  flags: u32,
  reserved: array(u32, 5),
});
export type media_v2_entity = ViewOf<typeof media_v2_entity.fields>;

export const media_v2_intf_devnode = packed('media_v2_intf_devnode', { major: u32, minor: u32 });
export type media_v2_intf_devnode = ViewOf<typeof media_v2_intf_devnode.fields>;

export const media_v2_interface = packed('media_v2_interface', {
  id: u32,
  intf_type: u32,
  flags: u32,
  reserved: array(u32, 9),
  devnode: media_v2_intf_devnode,
  raw: over('devnode', array(u32, 16)),
});
export type media_v2_interface = ViewOf<typeof media_v2_interface.fields>;

export const media_v2_pad = packed('media_v2_pad', {
  id: u32,
  entity_id: u32,
  flags: u32,
  index: u32,
  reserved: array(u32, 4),
});
export type media_v2_pad = ViewOf<typeof media_v2_pad.fields>;

/** From an interface to an entity, or from one pad to another. */
export const media_v2_link = packed('media_v2_link', {
  id: u32,
  source_id: u32,
  sink_id: u32,
  flags: u32,
  reserved: array(u32, 6),
});
export type media_v2_link = ViewOf<typeof media_v2_link.fields>;

/** Each `ptr_` points to an array of the program that has room for as many as `num_` says; or is 0. */
export const media_v2_topology = packed('media_v2_topology', {
  topology_version: u64,
  num_entities: u32,
  reserved1: u32,
  ptr_entities: pointer,
  num_interfaces: u32,
  reserved2: u32,
  ptr_interfaces: pointer,
  num_pads: u32,
  reserved3: u32,
  ptr_pads: pointer,
  num_links: u32,
  reserved4: u32,
  ptr_links: pointer,
});
export type media_v2_topology = ViewOf<typeof media_v2_topology.fields>;

export const MEDIA_IOC_DEVICE_INFO = _IOWR('|', 0x00, media_device_info);
export const MEDIA_IOC_ENUM_ENTITIES = _IOWR('|', 0x01, media_entity_desc);
export const MEDIA_IOC_ENUM_LINKS = _IOWR('|', 0x02, media_links_enum);
export const MEDIA_IOC_SETUP_LINK = _IOWR('|', 0x03, media_link_desc);
export const MEDIA_IOC_G_TOPOLOGY = _IOWR('|', 0x04, media_v2_topology);
export const MEDIA_IOC_REQUEST_ALLOC = _IOR('|', 0x05, { size: 4 });

// Of a request, not of the device.
export const MEDIA_REQUEST_IOC_QUEUE = _IO('|', 0x80);
export const MEDIA_REQUEST_IOC_REINIT = _IO('|', 0x81);
