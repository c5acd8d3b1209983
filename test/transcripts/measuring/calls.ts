/** What the driver was called for, as the programs print it. */
import { V4L2_CTRL_TYPE_INTEGER64, type V4l2Ctrl } from 'usercam';

/** No more fits into a line of a transcript. */
const MOST = 4031;

function newValue(ctrl: V4l2Ctrl): string {
  if (ctrl.isString) return `'${ctrl.pNew.string}'`;
  if (ctrl.isPtr) return `elems=${ctrl.newElems}`;
  return `${ctrl.type === V4L2_CTRL_TYPE_INTEGER64 ? ctrl.pNew.val64 : ctrl.val}`;
}

export class Calls {
  #text = '';

  /** ` try(98190f,0)[new 0][5]`: the master, and what the others of its cluster are to be. */
  note(op: string, ctrl: V4l2Ctrl): void {
    const { cluster } = ctrl;
    const others = cluster.map((each) => (each ? `[${each.isNew ? 'new ' : ''}${newValue(each)}]` : ''));
    const entry = ` ${op}(${ctrl.id.toString(16)},${newValue(ctrl)})${cluster.length > 1 ? others.join('') : ''}`;
    if (this.#text.length < MOST) this.#text += entry;
  }

  /** All since this was asked last. */
  take(): string {
    const text = this.#text.slice(0, MOST);
    this.#text = '';
    return text;
  }
}
