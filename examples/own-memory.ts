/**
 * Memory of one's own for a driver: frame memory on a card that has a fixed number of banks. Each buffer is one
 * bank, the card is told the number of the bank instead of an address, and when all banks are taken REQBUFS gives
 * fewer buffers.
 *
 * A back end is a table of functions (src/memory/mem-ops.ts says who calls which, and when). One that differs
 * from ordinary memory only in how it is allocated takes the rest from there.
 */
import { EINVAL, ENOMEM, Errno } from '../src/base/errno.ts';
import type { PageAllocator, Vb2MemOps, VmallocMemory } from '../src/memory/index.ts';
import { vmallocMemOps } from '../src/memory/index.ts';

/** What the card needs to know of a plane; a driver gets it with `vb.planeCookie(0)`. */
export interface Bank {
  readonly bank: number;
}

export interface CardConfig {
  readonly banks: number;
  readonly bankBytes: number;
  readonly pages: PageAllocator;
}

/** The banks of one card, as a back end for its queue: `new Vb2Queue({ memOps: cardMemOps(…), … })`. */
export function cardMemOps({ banks, bankBytes, pages }: CardConfig): Vb2MemOps {
  const ordinary = vmallocMemOps(pages) as Required<Vb2MemOps<VmallocMemory>>;
  const taken = new Map<object, Bank>();
  const free = Array.from({ length: banks }, (_, bank) => bank);

  const memOps: Vb2MemOps<VmallocMemory> = {
    alloc(length, cookie, direction) {
      if (length > bankBytes) throw new Errno(EINVAL, `a bank has ${bankBytes} bytes, not ${length}`);
      const bank = free.shift();
      if (bank === undefined) throw new Errno(ENOMEM, `all ${banks} banks are taken`);
      try {
        const memory = ordinary.alloc(length, cookie, direction);
        taken.set(memory, { bank });
        return memory;
      } catch (error) {
        free.unshift(bank);
        throw error;
      }
    },
    put(memory) {
      const place = taken.get(memory);
      taken.delete(memory);
      if (place !== undefined) free.push(place.bank);
      ordinary.put(memory);
    },
    cookie: (memory) => taken.get(memory) ?? [],
    // The rest is as everywhere. There is no getUserptr and no attachDmabuf, so programs are told that this
    // card fills only its own memory.
    vaddr: ordinary.vaddr,
    numUsers: ordinary.numUsers,
    mmap: ordinary.mmap,
    prepare: ordinary.prepare,
    finish: ordinary.finish,
  };
  // The framework hands back to a table only what came from it.
  return memOps as Vb2MemOps;
}
