/**
 * A camera on USB as sysfs and udev show it: programs look up who made it by its node. The host controller is the
 * kernel's virtual one, to which no device of the host can be plugged by hand.
 */
import type { BusDevice } from '../vfs/file.ts';

const CONTROLLER = 'vhci_hcd.0';
/**
 * Where ACPI has it. The kernel's virtual controller is nowhere, but a camera in a laptop hangs on one that is somewhere, and libcamera
 * gives it no name, and so does not list it, if it is not.
 */
const FIRMWARE_NODE = '\\_SB_.VHCI';

export interface UsbPort {
  /** Counts from 1. No other camera has it. */
  readonly port: number;
  /** Four digits of hexadecimal each. */
  readonly vendor: string;
  readonly product: string;
  /** What it calls itself. */
  readonly model: string;
}

/** As VIDIOC_QUERYCAP tells it. @kernel usb_make_path */
export function usbBusInfo(port: number): string {
  return `usb-${CONTROLLER}-${port}`;
}

/** What the descriptors of a camera with a microphone beside it say: a device of several functions, and a video control interface. */
const DEVICE_CLASS = { bDeviceClass: 0xef, bDeviceSubClass: 0x02, bDeviceProtocol: 0x01 };
const INTERFACE_CLASS = { bInterfaceClass: 0x0e, bInterfaceSubClass: 0x01, bInterfaceProtocol: 0x00 };
const RELEASE = '0100';
/** The same, as a number. */
export const usbRevision = Number.parseInt(RELEASE, 16);

const hex = (value: number): string => value.toString(16).padStart(2, '0');
const attributes = (directory: string, values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${directory}/${name}`, hex(value)]));

/** By which drivers are found. @kernel usb_if_uevent */
function modalias({ vendor, product }: UsbPort): string {
  const [dc, dsc, dp] = Object.values(DEVICE_CLASS).map((value) => hex(value).toUpperCase());
  const [ic, isc, ip] = Object.values(INTERFACE_CLASS).map((value) => hex(value).toUpperCase());
  const ids = `v${vendor.toUpperCase()}p${product.toUpperCase()}d${RELEASE}`;
  return `usb:${ids}dc${dc}dsc${dsc}dp${dp}ic${ic}isc${isc}ip${ip}in00`;
}

/** The controller and its root hub, by which udev's path_id comes from a camera to where it is plugged in. */
const above = (controller: string): BusDevice => ({
  path: `${controller}/usb1`,
  files: {
    [`${controller}/uevent`]: 'DRIVER=vhci_hcd\nMODALIAS=platform:vhci_hcd',
    [`${controller}/firmware_node/path`]: FIRMWARE_NODE,
    [`${controller}/usb1/uevent`]:
      'DEVTYPE=usb_device\nDRIVER=usb\nPRODUCT=1d6b/2/601\nTYPE=9/0/1\nBUSNUM=001\nDEVNUM=001',
    [`${controller}/usb1/idVendor`]: '1d6b',
    [`${controller}/usb1/idProduct`]: '0002',
    [`${controller}/usb1/busnum`]: '1',
    [`${controller}/usb1/devnum`]: '1',
    [`${controller}/usb1/speed`]: '480',
  },
  links: {
    [`${controller}/subsystem`]: '/sys/bus/platform',
    [`${controller}/usb1/subsystem`]: '/sys/bus/usb',
  },
});

const withoutZeros = (id: string): string => id.toLowerCase().replace(/^0{1,3}/, '');

/** The device with its video interface. */
export function usbDevice(usb: UsbPort): BusDevice {
  const { port, vendor, product, model } = usb;
  const controller = `/sys/devices/platform/${CONTROLLER}`;
  const hub = above(controller);
  const device = `${hub.path}/1-${port}`;
  const path = `${device}/1-${port}:1.0`;
  const type = Object.values(DEVICE_CLASS).join('/');
  const ids = `PRODUCT=${withoutZeros(vendor)}/${withoutZeros(product)}/${withoutZeros(RELEASE)}\nTYPE=${type}`;
  const number = String(port + 1).padStart(3, '0');
  const matched = `INTERFACE=${Object.values(INTERFACE_CLASS).join('/')}\nMODALIAS=${modalias(usb)}`;
  return {
    path,
    files: {
      ...hub.files,
      [`${device}/uevent`]: `DEVTYPE=usb_device\nDRIVER=usb\n${ids}\nBUSNUM=001\nDEVNUM=${number}`,
      [`${device}/idVendor`]: vendor.toLowerCase(),
      [`${device}/idProduct`]: product.toLowerCase(),
      [`${device}/bcdDevice`]: RELEASE,
      ...attributes(device, DEVICE_CLASS),
      [`${device}/product`]: model,
      [`${device}/busnum`]: '1',
      [`${device}/devnum`]: String(port + 1),
      [`${device}/speed`]: '480',
      [`${path}/uevent`]: `DEVTYPE=usb_interface\nDRIVER=uvcvideo\n${ids}\n${matched}`,
      [`${path}/modalias`]: modalias(usb),
      [`${path}/interface`]: model,
      ...attributes(path, { bInterfaceNumber: 0, ...INTERFACE_CLASS, bNumEndpoints: 1 }),
      // As the kernel pads it.
      [`${path}/bAlternateSetting`]: ' 0',
    },
    links: {
      ...hub.links,
      [`${device}/subsystem`]: '/sys/bus/usb',
      [`${path}/subsystem`]: '/sys/bus/usb',
      [`${path}/driver`]: '/sys/bus/usb/drivers/uvcvideo',
    },
  };
}

/** As udev writes what may stand in a name of a device, so that who shows it finds the spaces again. */
const encoded = (text: string): string =>
  text.replaceAll(
    /[^A-Za-z0-9#+.:=@_\u0080-\uffff-]/g,
    (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

/** What udev's usb_id and path_id say of it. */
export function usbProperties({ port, vendor, product, model }: UsbPort): Readonly<Record<string, string>> {
  const name = model.replaceAll(/[^A-Za-z0-9#+.:=@_-]+/g, '_');
  return {
    ID_BUS: 'usb',
    ID_TYPE: 'video',
    ID_VENDOR: vendor.toLowerCase(),
    ID_VENDOR_ENC: vendor.toLowerCase(),
    ID_VENDOR_ID: vendor.toLowerCase(),
    ID_MODEL: name,
    ID_MODEL_ENC: encoded(model),
    ID_MODEL_ID: product.toLowerCase(),
    ID_REVISION: RELEASE,
    ID_SERIAL: `${vendor.toLowerCase()}_${name}`,
    ID_USB_DRIVER: 'uvcvideo',
    ID_USB_INTERFACES: ':0e0100:0e0200:',
    ID_PATH: `platform-${CONTROLLER}-usb-0:${port}:1.0`,
  };
}
