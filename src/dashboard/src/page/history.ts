import type { HistoryEntry, HistoryRow } from "../state/history";
import { verdictWords } from "./describe";
import { h, Keyed, panel, setText } from "./dom";
import type { Moment, Panel } from "./panels";
import { shape, verdictStanding } from "./shapes";
import { bpm, clockTime, percent, plural } from "./words";

const columns = ["When", "Verdict", "Sure", "Heart", "Quality", "Site", "No."];

/** The verdicts that came while this page was open, and those that did not. */
export class HistoryPanel implements Panel {
  private readonly note = h("p", { class: "note" });
  private readonly rows = new Keyed(h("tbody"));
  readonly element = panel(
    "Verdicts since this page was opened",
    "history",
    this.note,
    h(
      "div",
      { class: "scroll", attributes: { tabindex: "0", role: "region", "aria-label": "Table of verdicts" } },
      h("table", {}, h("thead", {}, h("tr", {}, ...columns.map((title) => h("th", { attributes: { scope: "col" } }, title)))), this.rows.element),
    ),
  );

  update({ device, now }: Moment): void {
    const { history } = device;
    const missing = history.missing;
    setText(this.note, `${plural(history.count, "verdict")}${missing > 0 ? `, ${plural(missing, "verdict")} missing` : ""}${history.duplicates > 0 ? `; ${plural(history.duplicates, "repeat")} dropped` : ""}.`);
    const rows = history.rows();
    this.rows.show(rows, () => rows.map((row) => rowOf(row, now.wall)));
  }
}

function rowOf(row: HistoryRow, wall: number): HTMLElement {
  if ("begins" in row) return wide("Another numbering begins here: of another outbox, or of verdicts that the device's disk did not take.");
  if ("gap" in row) {
    const { from, to } = row.gap;
    return wide(`${plural(to - from + 1, "verdict")} missing (No. ${from}${to > from ? ` to ${to}` : ""})`, "gap");
  }

  return verdictRow(row.entry, wall);
}

function wide(text: string, kind = "begins"): HTMLElement {
  return h("tr", { class: kind }, h("td", { attributes: { colspan: String(columns.length) } }, text));
}

function verdictRow(entry: HistoryEntry, wall: number): HTMLElement {
  const when = entry.clockSynced === false ? "clock not set" : clockTime(entry.time, wall);
  return h(
    "tr",
    {},
    h("td", {}, when),
    h("td", { class: "history-verdict" }, shape(verdictStanding(entry.alarm)), h("span", {}, verdictWords(entry))),
    h("td", {}, percent(entry.confidence)),
    h("td", {}, bpm(entry.heartRateBpm)),
    h("td", {}, percent(entry.quality)),
    h("td", {}, entry.site || "–"),
    h("td", {}, String(entry.sequence)),
  );
}
