// The words of the account's edition. The page knows only our names of stages; the edition says what a status means.

const UNKNOWN = { stage: "", event: null, failed: false, final: false };

export class Words {
  constructor(edition) {
    this.learn(edition);
  }

  /** Set the words from the answer of `/_mock/edition`. */
  learn({ statuses = [], delivery_states: states = {} } = {}) {
    this.statuses = new Map(statuses.map((each) => [each.status, each]));
    this.events = new Map(statuses.map((each) => [each.event, each]));
    this.states = new Map(Object.entries(states).map(([state, word]) => [word, state]));
  }

  /** `{stage, failed, final}` of a status; no stage if the edition does not have it. */
  of(status) {
    return this.statuses.get(status) ?? UNKNOWN;
  }

  /** Our name of the stage in which a message failed; undefined before `learn` was called. */
  get failure() {
    return [...this.statuses.values()].find((each) => each.failed)?.stage;
  }

  /** The short name of an event: its status, or its type if it has none. */
  ofEvent(type) {
    return (this.events.get(type)?.status ?? String(type)).toLowerCase();
  }

  /** Our name of the state of a delivery. */
  ofDelivery(word) {
    return this.states.get(word) ?? "";
  }

  /** The data attributes by which CSS styles a status. */
  appearance(status) {
    const { stage, failed } = this.of(status);
    return { status, stage, failed: failed ? "yes" : "no" };
  }
}
