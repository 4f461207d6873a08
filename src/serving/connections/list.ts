// Runs in a worker: a doubly linked list whose items hold the links themselves, so that adding and removing
// one costs neither an allocation nor a search.

/** What an item has for its list. It can be in one list at a time. */
export interface Linked<Item> {
  previous: Item | undefined
  next: Item | undefined
}

export class LinkedList<Item extends Linked<Item>> {
  first: Item | undefined = undefined
  last: Item | undefined = undefined

  /** Adds an item that is in no list before all others. */
  prepend(item: Item): void {
    const { first } = this
    item.next = first
    if (first) first.previous = item
    else this.last = item
    this.first = item
  }

  /** Adds an item that is in no list after all others. */
  append(item: Item): void {
    const { last } = this
    item.previous = last
    if (last) last.next = item
    else this.first = item
    this.last = item
  }

  /** Removes an item of this list. */
  remove(item: Item): void {
    const { previous, next } = item
    if (previous) previous.next = next
    else this.first = next
    if (next) next.previous = previous
    else this.last = previous
    item.previous = undefined
    item.next = undefined
  }

  /** From first to last. The caller may remove the item that it was given. */
  *[Symbol.iterator](): Generator<Item> {
    let item = this.first
    while (item) {
      const { next } = item
      yield item
      item = next
    }
  }
}
