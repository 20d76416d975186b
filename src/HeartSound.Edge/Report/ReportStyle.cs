namespace HeartSound.Edge.Report;

/// <summary>
/// The page's style sheet. Blue, vermilion, purple and grey are told apart by the colour-blind (after Okabe and Ito 2008). It holds no
/// <c>&amp;</c>, <c>&lt;</c> or <c>&gt;</c>, which an XML writer would change and a browser would not change back.
/// </summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{--page:#f4f5f7;--card:#fff;--ink:#17191c;--soft:#5a626c;--line:#d7dbe0;--grid:#e6e9ec;--sign:#fff;
        --normal:#0068a8;--abnormal:#c44500;--inconclusive:#7c5295;--failed:#5f6670;--band:#7c529526;--wave:#33536b;--halo:#ffffffd9}
        @media (prefers-color-scheme:dark){:root{--page:#121417;--card:#1c1f24;--ink:#e9ebee;--soft:#a0a8b2;--line:#383e46;--grid:#2b3037;--sign:#14171a;
        --normal:#56b4e9;--abnormal:#ff8a4c;--inconclusive:#c9a3e0;--failed:#a6adb6;--band:#c9a3e030;--wave:#9cc3de;--halo:#1c1f24d9}}
        *{box-sizing:border-box}
        html{scroll-behavior:smooth}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        main{max-width:1240px;margin:0 auto;padding:24px 16px 48px}
        h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px}
        h2{font-size:1.15rem;margin:0 0 8px}
        h3{font-size:1.05rem;margin:0 0 12px;overflow-wrap:anywhere}
        p{margin:0 0 8px}
        dl,dd,ul{margin:0;padding:0}
        a{color:var(--normal)}
        .definitions{position:absolute}
        .notice{color:var(--soft)}
        .normal{color:var(--normal)}.abnormal{color:var(--abnormal)}.inconclusive{color:var(--inconclusive)}.failed{color:var(--failed)}
        .symbol{width:1.15em;height:1.15em;flex:none;vertical-align:-.22em}
        .sign{fill:none;stroke:var(--sign);stroke-width:2.6;stroke-linecap:round;stroke-linejoin:round}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px;margin:20px 0;list-style:none}
        .tiles li{display:grid;grid-template-columns:auto auto 1fr;align-items:center;gap:0 10px;background:var(--card);border:1px solid var(--line);border-left:6px solid currentColor;border-radius:8px;padding:12px 16px}
        .tiles .symbol{width:1.9rem;height:1.9rem}
        .tiles b{font-size:1.9rem;line-height:1.2}
        .tiles span{font-weight:600}
        .tiles small{grid-column:1/-1;color:var(--soft)}
        .facts{display:flex;flex-wrap:wrap;gap:4px 28px;margin-bottom:24px;font-size:.875rem}
        .facts div,.numbers div{display:flex;gap:8px}
        dt{color:var(--soft)}
        dd{overflow-wrap:anywhere}
        .hash{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.8125rem}
        .overview,.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px;margin-bottom:20px}
        .choice{border:0;margin:0 0 8px;padding:0;display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.9375rem}
        .choice legend{float:left;padding:0;margin-right:16px;color:var(--soft)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.9375rem;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:6px 12px 6px 0;border-top:1px solid var(--grid);vertical-align:top}
        thead th{border-top:0;color:var(--soft);font-weight:600;white-space:nowrap}
        tbody th{font-weight:400;overflow-wrap:anywhere;min-width:12rem}
        td{white-space:nowrap}
        td .symbol{margin-right:6px}
        td.why{white-space:normal;min-width:14rem;color:var(--soft)}
        .bar{display:inline-block;width:84px;height:.7em;background:var(--grid);border-radius:3px;overflow:hidden;vertical-align:baseline;margin-right:4px}
        .bar i{display:block;height:100%;background:currentColor}
        .card{content-visibility:auto;contain-intrinsic-size:auto 720px;scroll-margin-top:12px}
        .columns{display:grid;grid-template-columns:minmax(0,1.5fr) minmax(0,1fr) minmax(0,.8fr);gap:8px 32px;margin-bottom:12px}
        .card .verdict{display:flex;align-items:center;gap:10px;font-size:1.5rem;font-weight:700;line-height:1.2}
        .probabilities div{display:grid;grid-template-columns:minmax(5.5em,auto) 1fr;gap:12px;align-items:baseline}
        .probabilities dd{white-space:nowrap;font-variant-numeric:tabular-nums}
        .probabilities .bar{width:calc(100% - 3.2em)}
        .numbers div{justify-content:space-between;border-bottom:1px solid var(--grid);padding:1px 0;font-variant-numeric:tabular-nums}
        .note{color:var(--soft);font-size:.875rem}
        .picture{display:block;width:100%;height:auto;font-size:13px}
        .picture .tick{fill:var(--soft);font-size:12.5px}
        .picture .heading{fill:var(--soft);font-size:12.5px;white-space:pre}
        .picture .strong{fill:var(--ink);font-weight:600;font-size:14px}
        .middle{text-anchor:middle}.end{text-anchor:end}
        .haloed{paint-order:stroke;stroke:var(--halo);stroke-width:4px;stroke-linejoin:round}
        .grid{fill:none;stroke:var(--grid)}
        .frame{fill:none;stroke:var(--line)}
        .wave{fill:var(--wave);stroke:var(--wave);stroke-width:1;vector-effect:non-scaling-stroke;stroke-linejoin:round}
        .hatch{stroke:var(--soft);stroke-width:1.6;stroke-opacity:.55}
        .unused rect{fill:url(#hatch)}
        .unused text{fill:var(--ink)}
        .window rect{fill:currentColor;rx:2px}
        .picture .window text{fill:var(--sign);font-weight:600}
        .window.rejected rect{fill:url(#hatch);stroke:var(--line)}
        .picture .window.rejected text{fill:var(--ink);font-weight:400;paint-order:stroke;stroke:var(--halo);stroke-width:4px}
        .band{fill:var(--band)}
        .steps{fill:none;stroke:var(--ink);stroke-width:2.2;stroke-linejoin:round}
        .overall{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-dasharray:5 4}
        main:has(#show-abnormal:checked) [class*="is-"]:not(.is-abnormal),main:has(#show-inconclusive:checked) [class*="is-"]:not(.is-inconclusive),
        main:has(#show-normal:checked) [class*="is-"]:not(.is-normal),main:has(#show-failed:checked) [class*="is-"]:not(.is-failed){display:none}
        @media (max-width:760px){.columns{grid-template-columns:1fr}.picture{min-width:720px}.card{overflow-x:auto}}
        @media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--grid:#ddd;--sign:#fff;--normal:#0068a8;--abnormal:#c44500;--inconclusive:#7c5295;--failed:#5f6670;--band:#7c529526;--wave:#33536b;--halo:#ffffffd9}
        body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}.choice{display:none}.card{break-inside:avoid;content-visibility:visible}a{color:inherit;text-decoration:none}}
        """;
}
