import { fold, isSame } from './names.js';

// A little longer than the 3 s in which the server tells it once.
const typingLasts = 5_000;

/** Who is in a room, and who is typing there. */
export class People {
  members = [];
  online = 0;
  /** Whether the members should be asked for. */
  isStale = true;
  askedAt = -Infinity;
  typing = new Map();
  version = 0;

  set(members, online) {
    this.members = members;
    this.online = online;
    this.isStale = false;
    this.version++;
  }

  came(user, online) {
    this.#without(user);
    this.members.push(user);
    this.members.sort((a, b) => fold(a) < fold(b) ? -1 : 1);
    this.online = online ?? this.members.length;
    this.version++;
  }

  went(user, online) {
    this.#without(user);
    this.online = online ?? this.members.length;
    this.typing.delete(user);
    this.version++;
  }

  counted(online) {
    this.online = online;
    this.isStale = true;
    this.version++;
  }

  types(user, now) {
    this.typing.set(user, now + typingLasts);
    this.version++;
  }

  spoke(user) {
    if (this.typing.delete(user))
      this.version++;
  }

  tick(now) {
    for (const [user, until] of this.typing) {
      if (now >= until)
        this.spoke(user);
    }
  }

  get due() {
    return Math.min(...this.typing.values());
  }

  #without(user) {
    this.members = this.members.filter(member => !isSame(member, user));
  }
}
