/** A machine for classic BPF, by its definition: what the kernel would decide, without asking it. */

/** Runs `program` (an array of struct sock_filter) on `data` (a struct seccomp_data); gives the returned value. */
export function runBpf(program: Uint8Array, data: DataView): number {
  const code = new DataView(program.buffer, program.byteOffset, program.length);
  let accumulator = 0;
  for (let pc = 0; pc * 8 < program.length; pc++) {
    const at = pc * 8;
    const k = code.getUint32(at + 4, true);
    const [yes, no] = [code.getUint8(at + 2), code.getUint8(at + 3)];
    const opcode = code.getUint16(at, true);
    if (opcode === 0x20) accumulator = data.getUint32(k, true);
    else if (opcode === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (opcode === 0x15) pc += accumulator === k ? yes : no;
    else if (opcode === 0x25) pc += accumulator > k ? yes : no;
    else if (opcode === 0x35) pc += accumulator >= k ? yes : no;
    else if (opcode === 0x45) pc += (accumulator & k) !== 0 ? yes : no;
    else if (opcode === 0x05) pc += k;
    else if (opcode === 0x06) return k;
    else throw new Error(`opcode ${opcode} at ${pc}`);
  }
  throw new Error('ran off the end');
}

/** A struct seccomp_data. */
export function seccompData(arch: number, nr: number, args: readonly number[]): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setInt32(0, nr, true);
  data.setUint32(4, arch, true);
  args.forEach((arg, i) => {
    data.setBigUint64(16 + 8 * i, BigInt.asUintN(64, BigInt(arg)), true);
  });
  return data;
}
