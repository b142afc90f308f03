// The words of the account's edition. The page knows our own names of stages only; what a status means is asked. Pure.

const UNKNOWN = { stage: "", event: null, failed: false, final: false };

export class Words {
  constructor(edition) {
    this.learn(edition);
  }

  /** Takes what `/_mock/edition` tells. */
  learn({ statuses = [], delivery_states: states = {} } = {}) {
    this.statuses = new Map(statuses.map((each) => [each.status, each]));
    this.events = new Map(statuses.map((each) => [each.event, each]));
    this.states = new Map(Object.entries(states).map(([state, word]) => [word, state]));
  }

  /** `{stage, failed, final}` of a status; no stage if the edition does not have it. */
  of(status) {
    return this.statuses.get(status) ?? UNKNOWN;
  }

  /** Our name of the stage in which a message failed; undefined if nothing was learned yet. */
  get failure() {
    return [...this.statuses.values()].find((each) => each.failed)?.stage;
  }

  /** How an event is called in short: the status that it tells, else its own name. */
  ofEvent(type) {
    return (this.events.get(type)?.status ?? String(type)).toLowerCase();
  }

  /** Our name of what became of a delivery. */
  ofDelivery(word) {
    return this.states.get(word) ?? "";
  }

  /** What an element shows of a status by its looks. */
  looks(status) {
    const { stage, failed } = this.of(status);
    return { status, stage, failed: failed ? "yes" : "no" };
  }
}
