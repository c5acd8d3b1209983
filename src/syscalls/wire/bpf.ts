/** An assembler for the classic BPF that seccomp filters are written in, with labels in place of distances. */

const LD_W_ABS = 0x20;
const JMP_JEQ_K = 0x15;
const JMP_JGT_K = 0x25;
const JMP_JGE_K = 0x35;
const JMP_JSET_K = 0x45;
const JMP_JA = 0x05;
const ALU_AND_K = 0x54;
const RET_K = 0x06;

export const SECCOMP_RET_ALLOW = 0x7fff0000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc00000;

/** Offsets in `struct seccomp_data`. Arguments are 64 bits, little endian: the low word comes first. */
export const DATA_NR = 0;
export const DATA_ARCH = 4;
export const argLow = (index: number): number => 16 + 8 * index;
export const argHigh = (index: number): number => 20 + 8 * index;

type Jump = 'eq' | 'gt' | 'ge' | 'set';
const JUMPS: Readonly<Record<Jump, number>> = {
  eq: JMP_JEQ_K,
  gt: JMP_JGT_K,
  ge: JMP_JGE_K,
  set: JMP_JSET_K,
};

interface Instruction {
  readonly code: number;
  readonly k: number;
  /** Where to go when the condition holds and when it does not; undefined is the next instruction. */
  readonly yes?: string | undefined;
  readonly no?: string | undefined;
}

export class BpfProgram {
  readonly #code: Instruction[] = [];
  readonly #labels = new Map<string, number>();

  /** Loads a 32-bit word of `struct seccomp_data`. */
  load(offset: number): this {
    this.#code.push({ code: LD_W_ABS, k: offset });
    return this;
  }

  and(mask: number): this {
    this.#code.push({ code: ALU_AND_K, k: mask });
    return this;
  }

  /** Compares the loaded word with `k` (unsigned) and goes to `yes` or `no`. */
  jump(condition: Jump, k: number, yes?: string, no?: string): this {
    this.#code.push({ code: JUMPS[condition], k, yes, no });
    return this;
  }

  goto(label: string): this {
    this.#code.push({ code: JMP_JA, k: 0, yes: label });
    return this;
  }

  ret(value: number): this {
    this.#code.push({ code: RET_K, k: value });
    return this;
  }

  label(name: string): this {
    this.#labels.set(name, this.#code.length);
    return this;
  }

  /** The program as an array of `struct sock_filter`. */
  assemble(): Uint8Array {
    const bytes = new Uint8Array(this.#code.length * 8);
    const view = new DataView(bytes.buffer);
    this.#code.forEach((instruction, index) => {
      const at = index * 8;
      view.setUint16(at, instruction.code, true);
      if (instruction.code === JMP_JA) {
        view.setUint32(at + 4, this.#distance(index, instruction.yes), true);
        return;
      }
      const yes = this.#distance(index, instruction.yes);
      const no = this.#distance(index, instruction.no);
      if (yes > 255 || no > 255) throw new RangeError(`jump too far at instruction ${index}`);
      view.setUint8(at + 2, yes);
      view.setUint8(at + 3, no);
      view.setUint32(at + 4, instruction.k, true);
    });
    return bytes;
  }

  #distance(from: number, label: string | undefined): number {
    if (label === undefined) return 0;
    const to = this.#labels.get(label);
    if (to === undefined || to <= from)
      throw new RangeError(`label ${label} does not follow instruction ${from}`);
    return to - from - 1;
  }
}
