import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { bufTypeSuffixes } from '../../src/v4l2-core/buf-types.ts';
import { determineValidIoctls, ioctlInfo, ioctlTable } from '../../src/v4l2-core/ioctl/table.ts';
import { ioctlsPage } from '../support/ioctls-page.ts';

const numbers = Object.entries(abi).filter(([name]) => name.startsWith('VIDIOC_')) as [string, number][];

test('ioctlTable has a row for every ioctl of videodev2.h, and no other', () => {
  const expected = numbers.map(([name, cmd]) => `${name} ${cmd}`).sort();
  assert.deepEqual(ioctlTable.map(({ name, cmd }) => `${name} ${cmd}`).sort(), expected);
});

test('ioctlTable describes each argument with a struct of the size that the number carries', () => {
  for (const { name, cmd, arg } of ioctlTable) assert.equal(arg?.size ?? 0, abi.iocSize(cmd), name);
});

test('ioctlTable lets a program set at most the whole argument', () => {
  for (const { name, cmd, inputEnd } of ioctlTable) assert.ok(inputEnd <= abi.iocSize(cmd), name);
});

test('ioctlInfo finds nothing when size or direction differ from the ioctl of that number', () => {
  assert.equal(ioctlInfo(abi.VIDIOC_QUERYCAP)?.name, 'VIDIOC_QUERYCAP');
  assert.equal(ioctlInfo(abi._IOWR('V', 0, abi.v4l2_capability)), undefined);
  assert.equal(ioctlInfo(abi._IOR('V', 0, abi.v4l2_format)), undefined);
  assert.equal(ioctlInfo(abi._IO('V', 1)), undefined);
});

function validNames(ops: object): string[] {
  const valid = determineValidIoctls(ops, false);
  return ioctlTable.filter(({ cmd }) => valid[abi.iocNr(cmd)] === 1).map(({ name }) => name);
}

test('determineValidIoctls gives only the priorities when the driver has no ops', () => {
  assert.deepEqual(validNames({}), ['VIDIOC_G_PRIORITY', 'VIDIOC_S_PRIORITY']);
});

test('determineValidIoctls gives G_FMT when the driver has it for any one buffer type', () => {
  for (const suffix of bufTypeSuffixes)
    assert.ok(validNames({ [`vidioc_g_fmt_${suffix}`]: () => {} }).includes('VIDIOC_G_FMT'), suffix);
});

test('determineValidIoctls gives the cropping ioctls when the driver has selections', () => {
  const names = validNames({ vidioc_g_selection: () => {}, vidioc_s_selection: () => {} });
  for (const name of ['VIDIOC_CROPCAP', 'VIDIOC_G_CROP', 'VIDIOC_S_CROP', 'VIDIOC_G_SELECTION'])
    assert.ok(names.includes(name), name);
});

test('docs/ioctls.md is what the table, the contracts and the drivers say', () => {
  const page = new URL('../../../docs/ioctls.md', import.meta.url);
  assert.equal(readFileSync(page, 'utf8'), ioctlsPage());
});
