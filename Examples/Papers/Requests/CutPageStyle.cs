namespace Partition;

/// <summary>What the page of a record adds to the look of the report.</summary>
internal static class CutPageStyle
{
    internal const string Css =
        """

        .steer{display:grid;grid-template-columns:auto minmax(0,1fr);gap:4px 12px;align-items:center;position:sticky;top:0;z-index:2;
          background:var(--paper);padding:10px 0;border-block:1px solid var(--rule)}
        .steer input{width:100%;accent-color:var(--c0);min-height:32px}
        .steer label{font-size:.8125rem;color:var(--muted)}
        .steer output{grid-column:1/-1;font-size:.9375rem;font-weight:600}
        .course{display:block;width:100%;height:150px;margin:16px 0 4px;overflow:visible}
        .course .k0{fill:var(--c0);font-weight:600}.course .k1{fill:var(--c1);font-weight:600}
        .sides{display:grid;gap:0 48px}
        .side{display:block;min-width:0;padding:24px 0;border-bottom:0}
        .side h2{margin-bottom:12px}
        .side h3{margin:16px 0 6px}
        .layers{list-style:none;margin:0;padding:0;font-size:.875rem}
        .layers li{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:8px;padding:6px 10px;border-left:6px solid var(--c0);
          background:var(--panel);margin-bottom:2px}
        .layers li.s{border-color:var(--c2)}
        .layers li.way{border-color:transparent;background:none;color:var(--muted);padding-left:10px}
        .layers li.way b{color:var(--ink)}
        .layers span:last-child{color:var(--muted)}
        .k{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
        .d{background:var(--c0)}.u{background:var(--c1)}.k.s{background:var(--c2)}.w{background:var(--c3)}.e{background:var(--c4)}
        .bars{display:grid;grid-template-columns:auto minmax(0,1fr) 4.5rem;gap:3px 8px;align-items:center;font-size:.8125rem}
        .bars .n{white-space:nowrap;color:var(--muted)}
        .bars .t{display:flex;height:14px;background:var(--grid);border-radius:2px;overflow:hidden}
        .bars .t i{display:block;height:100%}
        .bars .t i.s{background:var(--c2)}
        .bars .v{text-align:right}
        .bars .on{color:var(--ink);font-weight:700}
        @media(min-width:860px){.sides{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
        @media(prefers-reduced-motion:no-preference){.bars .t i{transition:width .15s}}

        """;
}
