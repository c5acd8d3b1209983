/** Standard controls of stateless codecs. Their payloads are not declared: a driver says how long they are. */
import * as abi from '../../../abi/index.ts';
import { CTRL_CLASS, DYNAMIC_ARRAY, menu, row, type StdCtrl } from './row.ts';

const decodeMode = ['Slice-Based', 'Frame-Based'];
const startCode = ['No Start Code', 'Annex B Start Code'];

export const statelessControls: readonly StdCtrl[] = [
  row(abi.V4L2_CID_CODEC_STATELESS_CLASS, 'Stateless Codec Controls', CTRL_CLASS),
  menu(abi.V4L2_CID_STATELESS_H264_DECODE_MODE, 'H264 Decode Mode', decodeMode),
  menu(abi.V4L2_CID_STATELESS_H264_START_CODE, 'H264 Start Code', startCode),
  row(abi.V4L2_CID_STATELESS_H264_SPS, 'H264 Sequence Parameter Set', abi.V4L2_CTRL_TYPE_H264_SPS),
  row(abi.V4L2_CID_STATELESS_H264_PPS, 'H264 Picture Parameter Set', abi.V4L2_CTRL_TYPE_H264_PPS),
  row(
    abi.V4L2_CID_STATELESS_H264_SCALING_MATRIX,
    'H264 Scaling Matrix',
    abi.V4L2_CTRL_TYPE_H264_SCALING_MATRIX,
  ),
  row(
    abi.V4L2_CID_STATELESS_H264_PRED_WEIGHTS,
    'H264 Prediction Weight Table',
    abi.V4L2_CTRL_TYPE_H264_PRED_WEIGHTS,
  ),
  row(
    abi.V4L2_CID_STATELESS_H264_SLICE_PARAMS,
    'H264 Slice Parameters',
    abi.V4L2_CTRL_TYPE_H264_SLICE_PARAMS,
  ),
  row(
    abi.V4L2_CID_STATELESS_H264_DECODE_PARAMS,
    'H264 Decode Parameters',
    abi.V4L2_CTRL_TYPE_H264_DECODE_PARAMS,
  ),
  row(abi.V4L2_CID_STATELESS_FWHT_PARAMS, 'FWHT Stateless Parameters', abi.V4L2_CTRL_TYPE_FWHT_PARAMS),
  row(abi.V4L2_CID_STATELESS_VP8_FRAME, 'VP8 Frame Parameters', abi.V4L2_CTRL_TYPE_VP8_FRAME),
  row(abi.V4L2_CID_STATELESS_MPEG2_SEQUENCE, 'MPEG-2 Sequence Header', abi.V4L2_CTRL_TYPE_MPEG2_SEQUENCE),
  row(abi.V4L2_CID_STATELESS_MPEG2_PICTURE, 'MPEG-2 Picture Header', abi.V4L2_CTRL_TYPE_MPEG2_PICTURE),
  row(
    abi.V4L2_CID_STATELESS_MPEG2_QUANTISATION,
    'MPEG-2 Quantisation Matrices',
    abi.V4L2_CTRL_TYPE_MPEG2_QUANTISATION,
  ),
  row(
    abi.V4L2_CID_STATELESS_VP9_COMPRESSED_HDR,
    'VP9 Probabilities Updates',
    abi.V4L2_CTRL_TYPE_VP9_COMPRESSED_HDR,
  ),
  row(abi.V4L2_CID_STATELESS_VP9_FRAME, 'VP9 Frame Decode Parameters', abi.V4L2_CTRL_TYPE_VP9_FRAME),
  row(abi.V4L2_CID_STATELESS_HEVC_SPS, 'HEVC Sequence Parameter Set', abi.V4L2_CTRL_TYPE_HEVC_SPS),
  row(abi.V4L2_CID_STATELESS_HEVC_PPS, 'HEVC Picture Parameter Set', abi.V4L2_CTRL_TYPE_HEVC_PPS),
  row(
    abi.V4L2_CID_STATELESS_HEVC_SLICE_PARAMS,
    'HEVC Slice Parameters',
    abi.V4L2_CTRL_TYPE_HEVC_SLICE_PARAMS,
    DYNAMIC_ARRAY,
  ),
  row(
    abi.V4L2_CID_STATELESS_HEVC_SCALING_MATRIX,
    'HEVC Scaling Matrix',
    abi.V4L2_CTRL_TYPE_HEVC_SCALING_MATRIX,
  ),
  row(
    abi.V4L2_CID_STATELESS_HEVC_DECODE_PARAMS,
    'HEVC Decode Parameters',
    abi.V4L2_CTRL_TYPE_HEVC_DECODE_PARAMS,
  ),
  menu(abi.V4L2_CID_STATELESS_HEVC_DECODE_MODE, 'HEVC Decode Mode', decodeMode),
  menu(abi.V4L2_CID_STATELESS_HEVC_START_CODE, 'HEVC Start Code', startCode),
  row(
    abi.V4L2_CID_STATELESS_HEVC_ENTRY_POINT_OFFSETS,
    'HEVC Entry Point Offsets',
    abi.V4L2_CTRL_TYPE_U32,
    DYNAMIC_ARRAY,
  ),
  row(abi.V4L2_CID_STATELESS_AV1_SEQUENCE, 'AV1 Sequence Parameters', abi.V4L2_CTRL_TYPE_AV1_SEQUENCE),
  row(
    abi.V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY,
    'AV1 Tile Group Entry',
    abi.V4L2_CTRL_TYPE_AV1_TILE_GROUP_ENTRY,
    DYNAMIC_ARRAY,
  ),
  row(abi.V4L2_CID_STATELESS_AV1_FRAME, 'AV1 Frame Parameters', abi.V4L2_CTRL_TYPE_AV1_FRAME),
  row(abi.V4L2_CID_STATELESS_AV1_FILM_GRAIN, 'AV1 Film Grain', abi.V4L2_CTRL_TYPE_AV1_FILM_GRAIN),
];
