/** Standard controls of flashes, JPEG, sensors, image processing, video links, motion detection and color. */
import * as abi from '../../../abi/index.ts';
import {
  BITMASK,
  BOOLEAN,
  BUTTON,
  CTRL_CLASS,
  INTEGER,
  INTEGER_MENU,
  INTEGER64,
  menu,
  NO_ITEMS,
  READ_ONLY,
  row,
  SLIDER,
  type StdCtrl,
} from './row.ts';

const ledMode = ['Off', 'Flash', 'Torch'];
const strobeSource = ['Software', 'External'];
const chromaSubsampling = ['4:4:4', '4:2:2', '4:2:0', '4:1:1', '4:1:0', 'Gray'];
const dvMode = ['DVI-D', 'HDMI'];
const rgbRange = ['Automatic', 'RGB Limited Range (16-235)', 'RGB Full Range (0-255)'];
const itContent = ['Graphics', 'Photo', 'Cinema', 'Game', 'No IT Content'];
const motionDetection = ['Disabled', 'Global', 'Threshold Grid', 'Region Grid'];

export const deviceControls: readonly StdCtrl[] = [
  row(abi.V4L2_CID_FLASH_CLASS, 'Flash Controls', CTRL_CLASS),
  menu(abi.V4L2_CID_FLASH_LED_MODE, 'LED Mode', ledMode),
  menu(abi.V4L2_CID_FLASH_STROBE_SOURCE, 'Strobe Source', strobeSource),
  row(abi.V4L2_CID_FLASH_STROBE, 'Strobe', BUTTON),
  row(abi.V4L2_CID_FLASH_STROBE_STOP, 'Stop Strobe', BUTTON),
  row(abi.V4L2_CID_FLASH_STROBE_STATUS, 'Strobe Status', BOOLEAN, READ_ONLY),
  row(abi.V4L2_CID_FLASH_TIMEOUT, 'Strobe Timeout'),
  row(abi.V4L2_CID_FLASH_INTENSITY, 'Intensity, Flash Mode'),
  row(abi.V4L2_CID_FLASH_TORCH_INTENSITY, 'Intensity, Torch Mode'),
  row(abi.V4L2_CID_FLASH_INDICATOR_INTENSITY, 'Intensity, Indicator'),
  row(abi.V4L2_CID_FLASH_FAULT, 'Faults', BITMASK),
  row(abi.V4L2_CID_FLASH_CHARGE, 'Charge', BOOLEAN),
  row(abi.V4L2_CID_FLASH_READY, 'Ready to Strobe', BOOLEAN, READ_ONLY),
  row(abi.V4L2_CID_JPEG_CLASS, 'JPEG Compression Controls', CTRL_CLASS),
  menu(abi.V4L2_CID_JPEG_CHROMA_SUBSAMPLING, 'Chroma Subsampling', chromaSubsampling),
  row(abi.V4L2_CID_JPEG_RESTART_INTERVAL, 'Restart Interval'),
  row(abi.V4L2_CID_JPEG_COMPRESSION_QUALITY, 'Compression Quality'),
  row(abi.V4L2_CID_JPEG_ACTIVE_MARKER, 'Active Markers', BITMASK),
  row(abi.V4L2_CID_IMAGE_SOURCE_CLASS, 'Image Source Controls', CTRL_CLASS),
  row(abi.V4L2_CID_VBLANK, 'Vertical Blanking'),
  row(abi.V4L2_CID_HBLANK, 'Horizontal Blanking'),
  row(abi.V4L2_CID_ANALOGUE_GAIN, 'Analogue Gain'),
  row(abi.V4L2_CID_TEST_PATTERN_RED, 'Red Pixel Value'),
  row(abi.V4L2_CID_TEST_PATTERN_GREENR, 'Green (Red) Pixel Value'),
  row(abi.V4L2_CID_TEST_PATTERN_BLUE, 'Blue Pixel Value'),
  row(abi.V4L2_CID_TEST_PATTERN_GREENB, 'Green (Blue) Pixel Value'),
  row(abi.V4L2_CID_UNIT_CELL_SIZE, 'Unit Cell Size', abi.V4L2_CTRL_TYPE_AREA, READ_ONLY),
  row(abi.V4L2_CID_NOTIFY_GAINS, 'Notify Gains'),
  row(abi.V4L2_CID_IMAGE_PROC_CLASS, 'Image Processing Controls', CTRL_CLASS),
  row(abi.V4L2_CID_LINK_FREQ, 'Link Frequency', INTEGER_MENU),
  row(abi.V4L2_CID_PIXEL_RATE, 'Pixel Rate', INTEGER64, READ_ONLY),
  menu(abi.V4L2_CID_TEST_PATTERN, 'Test Pattern', NO_ITEMS),
  menu(abi.V4L2_CID_DEINTERLACING_MODE, 'Deinterlacing Mode', NO_ITEMS),
  row(abi.V4L2_CID_DIGITAL_GAIN, 'Digital Gain'),
  row(abi.V4L2_CID_DV_CLASS, 'Digital Video Controls', CTRL_CLASS),
  row(abi.V4L2_CID_DV_TX_HOTPLUG, 'Hotplug Present', BITMASK, READ_ONLY),
  row(abi.V4L2_CID_DV_TX_RXSENSE, 'RxSense Present', BITMASK, READ_ONLY),
  row(abi.V4L2_CID_DV_TX_EDID_PRESENT, 'EDID Present', BITMASK, READ_ONLY),
  menu(abi.V4L2_CID_DV_TX_MODE, 'Transmit Mode', dvMode),
  menu(abi.V4L2_CID_DV_TX_RGB_RANGE, 'Tx RGB Quantization Range', rgbRange),
  menu(abi.V4L2_CID_DV_TX_IT_CONTENT_TYPE, 'Tx IT Content Type', itContent),
  row(abi.V4L2_CID_DV_RX_POWER_PRESENT, 'Power Present', BITMASK, READ_ONLY),
  menu(abi.V4L2_CID_DV_RX_RGB_RANGE, 'Rx RGB Quantization Range', rgbRange),
  menu(abi.V4L2_CID_DV_RX_IT_CONTENT_TYPE, 'Rx IT Content Type', itContent, READ_ONLY),
  row(abi.V4L2_CID_DETECT_CLASS, 'Detection Controls', CTRL_CLASS),
  menu(abi.V4L2_CID_DETECT_MD_MODE, 'Motion Detection Mode', motionDetection),
  row(abi.V4L2_CID_DETECT_MD_GLOBAL_THRESHOLD, 'MD Global Threshold', INTEGER, SLIDER),
  row(abi.V4L2_CID_DETECT_MD_THRESHOLD_GRID, 'MD Threshold Grid', abi.V4L2_CTRL_TYPE_U16),
  row(abi.V4L2_CID_DETECT_MD_REGION_GRID, 'MD Region Grid', abi.V4L2_CTRL_TYPE_U8),
  row(abi.V4L2_CID_COLORIMETRY_CLASS, 'Colorimetry Controls', CTRL_CLASS),
  row(abi.V4L2_CID_COLORIMETRY_HDR10_CLL_INFO, 'HDR10 Content Light Info', abi.V4L2_CTRL_TYPE_HDR10_CLL_INFO),
  row(
    abi.V4L2_CID_COLORIMETRY_HDR10_MASTERING_DISPLAY,
    'HDR10 Mastering Display',
    abi.V4L2_CTRL_TYPE_HDR10_MASTERING_DISPLAY,
  ),
];
