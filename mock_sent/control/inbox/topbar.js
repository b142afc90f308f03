// The top bar: account, scenario, clock, audit, and reset.

import { auditList, auditSummary } from "./audit.js";
import { byId, el } from "./dom.js";
import { counted, dayAndTime } from "./times.js";

/** The buttons call `act`; the `draw` methods show the state of the page. */
export class Topbar {
  constructor(act) {
    this.act = act;
    for (const [id, span] of [["plus-minute", "1m"], ["plus-hour", "1h"], ["plus-day", "24h"]]) {
      byId(id).addEventListener("click", () => act.move({ advance: span }));
    }
    byId("freeze").addEventListener("click", () => act.move(this.frozen ? { resume: true } : { freeze: true }));
    byId("scenario").addEventListener("click", () => this.openScenarios());
    byId("audit").addEventListener("click", () => this.openAudit());
    byId("reset").addEventListener("click", () => this.reset());
    byId("account").addEventListener("change", (e) => act.chooseAccount(e.target.value));
    byId("access").addEventListener("click", () => this.openAccess());
    byId("access-form").addEventListener("submit", (e) => this.access(e));
    for (const close of document.querySelectorAll("dialog .close")) {
      close.addEventListener("click", () => close.closest("dialog").close());
    }
    byId("audit-all").addEventListener("click", (e) => { if (e.target.closest(".finding button")) byId("audit-all").close(); });
  }

  drawClock(clock) {
    this.frozen = clock.frozen;
    put(byId("now"), clock.known ? dayAndTime(clock.now()) : "–");
    put(byId("freeze"), clock.frozen ? "Resume" : "Freeze");
    byId("freeze").setAttribute("aria-pressed", clock.frozen);
    byId("clock").dataset.frozen = clock.frozen;
  }

  drawScenario({ scenario, always = [] }) {
    const names = [...(scenario ? [scenario.name] : []), ...always.map((each) => each.name)];
    put(byId("scenario-name"), names.join(" › ") || "none");
    byId("scenario").dataset.on = names.length > 0;
    this.scenario = scenario;
    this.always = always;
  }

  drawAudit(audit) {
    this.audit = audit;
    const n = audit.errors + audit.warnings;
    put(byId("audit-count"), String(n));
    byId("audit").dataset.severity = audit.errors ? "error" : audit.warnings ? "warning" : "none";
    byId("audit").setAttribute("aria-label", `Audit: ${auditSummary(audit)}`);
    if (byId("audit-all").open) this.fillAudit();
  }

  drawAccounts(accounts, current, key) {
    const select = byId("account");
    const options = accounts.map((a) => [a.id, `${a.api_key} · ${counted(a.messages, "message")}`]);
    if (key) options.unshift(["", "the key given here"]);
    else if (!options.some(([id]) => id === current)) options.unshift([current, current ? "not in use any more" : "anonymous · new"]);
    const signature = JSON.stringify([options, current]);
    if (this.accounts === signature) return;
    this.accounts = signature;
    select.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
    select.value = current;
  }

  drawConnection(state, sentence) {
    const line = byId("line");
    if (line.dataset.state === state) return;
    line.dataset.state = state;
    line.textContent = sentence;
    byId("lost").hidden = state !== "lost";
  }

  async openScenarios() {
    const { scenarios } = await this.act.scenarios();
    const choose = (name) => async () => {
      byId("scenarios-all").close();
      await this.act.switchScenario(name);
    };
    const entry = (name, about, on, click) =>
      el("li", el("button.choice", { type: "button", "aria-pressed": on, on: { click } }, el("b", name), el("span", about)));
    byId("scenarios-list").replaceChildren(
      entry("none", "the account has no scenario of its own", !this.scenario, choose(null)),
      ...scenarios.map(({ name, about }) => entry(name, about, this.scenario?.name === name, choose(name))));
    put(byId("scenarios-always"), this.always.length ? `Always on by MOCK_SENT_SCENARIO: ${this.always.map((each) => each.name).join(", ")}` : "");
    byId("scenarios-all").showModal();
  }

  openAudit() {
    this.fillAudit();
    byId("audit-all").showModal();
  }

  fillAudit() {
    if (!this.audit) return;
    put(byId("audit-summary"), auditSummary(this.audit));
    byId("audit-list").replaceChildren(auditList(this.audit, this.act));
  }

  /** Reset after a second click: the first click changes the button into a question. */
  reset() {
    const node = byId("reset");
    clearTimeout(this.asked);
    const back = () => { node.textContent = "Reset"; delete node.dataset.sure; };
    if (node.dataset.sure) {
      back();
      this.act.reset();
    } else {
      node.dataset.sure = "asked";
      node.textContent = "Forget all?";
      this.asked = setTimeout(back, 4000);
    }
  }

  openAccess(reason = "") {
    put(byId("access-reason"), reason);
    byId("access-token").value = this.act.api.token;
    byId("access-key").value = this.act.api.key;
    if (!byId("access-all").open) byId("access-all").showModal();
  }

  access(event) {
    event.preventDefault();
    byId("access-all").close();
    this.act.useAccess({ token: byId("access-token").value.trim(), key: byId("access-key").value.trim() });
  }
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
