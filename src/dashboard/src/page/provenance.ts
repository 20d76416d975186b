import { h, Keyed, panel } from "./dom";
import type { Moment, Panel } from "./panels";
import { clockTime, percent } from "./words";

/** Which model and program spoke, and what exactly the last verdict says. */
export class ProvenancePanel implements Panel {
  private readonly body = new Keyed(h("dl", { class: "facts" }));
  readonly element = panel("Where the verdict comes from", "provenance", this.body.element);

  update({ device, view, now }: Moment): void {
    const verdict = view.verdict;
    const model = verdict?.model ?? device.health?.body.model ?? null;
    const software = verdict?.software ?? device.status?.body.software ?? "–";
    const isUnset = verdict?.clockSynced === false;
    this.body.show([verdict?.id, model, software, isUnset], () => {
      const facts: [string, string][] = [
        ["Model", model === null ? "–" : `${model.id} ${model.version}`],
        ["SHA-256", model?.sha256 ?? "–"],
        ["Program", software],
      ];
      if (verdict !== null) {
        const { examination, quality } = verdict;
        facts.push(
          ["Runs on", verdict.provider],
          ["Verdict", `No. ${verdict.sequence}, ${verdict.id}`],
          ["Made", isUnset ? `${verdict.time}, by a clock that is not set` : clockTime(verdict.time, now.wall)],
          ["Probabilities", Object.entries(verdict.probabilities).map(([label, p]) => `${label} ${percent(p)}`).join(", ") || "–"],
          ["Sound", `${quality.goodSeconds.toFixed(1)} of ${(examination.endSeconds - examination.startSeconds).toFixed(1)} s good, ${quality.acceptedWindows} of ${quality.windows} windows`],
          ["Gaps", `${quality.gaps}, ${quality.faultySamples} faulty samples`],
          ["Latency", `${verdict.latencyMs.toFixed(0)} ms`],
        );
        if (examination.recording !== undefined) facts.push(["Recording", examination.recording]);
      }

      return facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
    });
  }
}
