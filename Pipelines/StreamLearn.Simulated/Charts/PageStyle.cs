namespace StreamLearn.Simulated;

/// <summary>Data colors of Okabe and Ito (2008), for all kinds of color vision; the lighter ones in dark mode.</summary>
internal static class PageStyle
{
    internal const string Page =
        """

        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0 auto;padding:0 16px 48px;max-width:1180px;background:var(--paper);color:var(--ink);
          font:400 1rem/1.5 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
          font-variant-numeric:tabular-nums}
        h1,h2,h3,h4,p,ul,dl,dd,figure{margin:0}
        a{color:var(--link)}
        :focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:2px}
        .top{padding:40px 0 32px}
        .kicker{font-size:.8125rem;font-weight:600;color:var(--ink);margin-bottom:12px}
        .kicker span,.facts,.more,small,.role,caption,footer{color:var(--muted)}
        h1{font-size:clamp(1.625rem,1.2rem + 2vw,2.5rem);
          line-height:1.18;font-weight:650;letter-spacing:-.015em;max-width:24em;text-wrap:balance}
        .facts{margin-top:12px;font-size:.9375rem;max-width:60em;overflow-wrap:anywhere}
        .stats{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:24px 20px;margin-top:32px}
        .stats div{border-top:2px solid var(--ink);padding-top:10px}
        .stats dt{font-size:.8125rem;line-height:1.35;color:var(--muted);min-height:2.7em;margin-bottom:4px}
        .big{display:block;font-size:clamp(1.5rem,1.2rem + 1.3vw,2.125rem);font-weight:600;letter-spacing:-.02em;line-height:1.2}
        .more{display:block;font-size:.8125rem;line-height:1.35;margin-top:2px}
        .minor{font-size:1rem;margin:36px 0 10px}
        .doubts{border:2px solid var(--alarm);border-radius:6px;background:var(--panel);padding:16px 18px;margin-top:24px}
        .doubts .minor{margin-top:0}
        .caught{list-style:none;padding:0;display:grid;gap:10px;font-size:.9375rem}
        .caught li{display:grid;grid-template-columns:5.25rem minmax(0,1fr);gap:12px;align-items:baseline;overflow-wrap:anywhere}
        .tag{font-size:.75rem;line-height:1.5;font-weight:600;border:1px solid var(--edge);border-radius:4px;
          padding:0 6px;text-align:center}
        small{font-size:.8125rem}
        nav{border-block:1px solid var(--rule);padding:10px 0;font-size:.875rem}
        nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px}
        nav a{display:inline-block;padding:2px 0;text-decoration:none}
        nav a:hover{text-decoration:underline}
        section{padding:36px 0;border-bottom:1px solid var(--rule);scroll-margin-top:8px}
        h2{font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.005em;text-wrap:balance}
        h3{font-size:.9375rem;font-weight:650;margin-bottom:8px}
        h4{font-size:.8125rem;font-weight:600;margin-bottom:6px}
        .lead p{margin-top:10px;font-size:.9375rem;color:var(--ink);max-width:42em;overflow-wrap:anywhere;text-wrap:pretty}
        .lead .note{color:var(--muted);font-size:.8125rem}
        .lead .note:empty{display:none}
        .body{margin-top:20px;min-width:0}
        figure+figure{margin-top:36px}
        figure .plot{margin-bottom:10px}
        .legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 16px;
          font-size:.8125rem;color:var(--muted);margin-bottom:14px}
        .legend svg{margin-right:6px;vertical-align:-1px;overflow:visible}
        details{margin-top:10px}
        summary{cursor:pointer;font-size:.875rem;color:var(--link);padding:4px 0;width:fit-content}
        .scroll{overflow-x:auto;margin-top:8px;border-block:1px solid var(--rule);
          background:linear-gradient(90deg,var(--paper) 40%,transparent) left/32px 100% no-repeat local,
          linear-gradient(-90deg,var(--paper) 40%,transparent) right/32px 100% no-repeat local,
          linear-gradient(90deg,var(--rule),transparent) left/12px 100% no-repeat scroll,
          linear-gradient(-90deg,var(--rule),transparent) right/12px 100% no-repeat scroll}
        table{border-collapse:collapse;font-size:.8125rem;line-height:1.35;width:100%}
        caption{text-align:left;padding:8px 0 6px;font-size:.8125rem}
        details .scroll{max-height:28rem;overflow-y:auto}
        details caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
        th,td{padding:5px 12px 5px 0;text-align:right;vertical-align:top;white-space:nowrap;
          border-top:1px solid var(--grid);font-weight:400}
        th:last-child,td:last-child{padding-right:2px}
        thead th{vertical-align:bottom;white-space:normal;min-width:4.5em;color:var(--muted);
          border-top:0;position:sticky;top:0;background:var(--paper)}
        .left{text-align:left}
        tbody th{font-weight:600;position:sticky;left:0;background:var(--paper)}
        td.left{white-space:normal;min-width:6.5em}
        td.left:last-child{min-width:10em}
        .barred{display:flex;align-items:center;justify-content:flex-end;gap:8px}
        .cellbar{width:56px;flex:none;order:-1}
        .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,232px),1fr));gap:20px 24px;margin-bottom:6px}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:32px 36px}
        .pair figure+figure{margin-top:0}
        .multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(142px,1fr));gap:18px 20px}
        .small p{display:flex;justify-content:space-between;gap:8px;font-size:.75rem;line-height:1.4}
        .small b{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .small p span{color:var(--muted);white-space:nowrap}
        .small .plot{margin:4px 0}
        .command{background:var(--panel);border:1px solid var(--rule);border-radius:6px;
          padding:12px 14px;margin:0;overflow-x:auto;font-size:.8125rem}
        code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .words{margin:20px 0;display:grid;gap:6px;font-size:.9375rem}
        .words div{display:grid;grid-template-columns:6rem minmax(0,1fr);gap:12px}
        .words dt{color:var(--muted)}
        .words dd,.hash{overflow-wrap:anywhere}
        .hash{font-size:.75rem;white-space:normal}
        footer{padding-top:20px;font-size:.8125rem}
        @media(min-width:760px){body{padding:0 32px 64px}.top{padding-top:64px}
          .stats{grid-template-columns:repeat(4,minmax(0,1fr))}}
        @media(min-width:1040px){section{display:grid;grid-template-columns:16rem minmax(0,1fr);gap:56px}.body{margin-top:4px}}
        @media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
        @media print{body{max-width:none;padding:0}nav,summary{display:none}section{display:block;padding:18px 0}
          figure,.small,tr{break-inside:avoid}
          .lead{break-after:avoid}.scroll{max-height:none;overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

        """;

    internal const string Plot =
        """

        :root{color-scheme:light dark;
          --paper:#fdfdfc;--panel:#f5f6f6;--ink:#16202a;--muted:#55606b;--rule:#dcdfe2;--grid:#e9ebed;--edge:#8a949e;
          --link:#00598c;--focus:#0072b2;--quiet:#a9b2bb;--held:#56b4e9;--alarm:#d55e00;
          --c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#e69f00;--c5:#56b4e9;
          --r0:#009e73;--r1:#cc79a7;--r2:#e69f00;--r3:#56b4e9;--r4:#16202a}
        @media(prefers-color-scheme:dark){:root{--paper:#12171c;--panel:#1a2127;--ink:#e7ebee;--muted:#a3adb6;--rule:#2d353d;--grid:#232a31;
          --edge:#6d7882;--link:#7cc4ee;--focus:#56b4e9;--quiet:#5d6873;--held:#0072b2;--alarm:#e69f00;
          --c0:#56b4e9;--c1:#e69f00;--c2:#1fb98c;--c3:#cc79a7;--c4:#f0e442;--c5:#3b9ad6;
          --r0:#1fb98c;--r1:#cc79a7;--r2:#d55e00;--r3:#0072b2;--r4:#e7ebee}}
        .plot{display:block;margin:0 var(--r) 0 var(--l);width:calc(100% - var(--l) - var(--r));overflow:visible}
        text{font:400 12px -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
          fill:var(--muted);font-variant-numeric:tabular-nums}
        text.strong{font-weight:600;fill:var(--ink)}
        text.value{font-size:11px;fill:var(--ink)}
        text.number{fill:var(--ink)}
        .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
        .grid{stroke:var(--grid)}
        .axis{stroke:var(--edge)}
        .level{stroke:var(--ink);stroke-dasharray:2 4}
        .line{fill:none;stroke-width:2.25px;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
        .line.thin{stroke-width:1.5px}
        .line.faint{stroke-width:1.25px;stroke-opacity:.35}
        .drop{stroke-dasharray:3 3}
        .dot{stroke-width:2.25px}
        .line.c0,.drop.c0,.dot.c0{stroke:var(--c0)}.line.c1,.drop.c1,.dot.c1{stroke:var(--c1)}.line.c2,.drop.c2,.dot.c2{stroke:var(--c2)}
        .line.c3,.drop.c3,.dot.c3{stroke:var(--c3)}.line.c4,.drop.c4,.dot.c4{stroke:var(--c4)}.line.c5,.drop.c5,.dot.c5{stroke:var(--c5)}
        .c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}.c5{fill:var(--c5)}
        .line{fill:none}.dot{fill:var(--paper)}
        .r0{fill:var(--r0)}.r1{fill:var(--r1)}.r2{fill:var(--r2)}.r3{fill:var(--r3)}.r4{fill:var(--r4)}.r5{fill:var(--quiet)}
        .quiet{fill:var(--quiet)}.held{fill:var(--held)}.alarm{fill:var(--alarm)}.track{fill:var(--grid)}.paper{fill:var(--paper)}
        .right{fill:var(--c0)}.wrong{fill:var(--c1)}
        .cell{stroke:var(--paper);stroke-width:2px}
        .median{fill:var(--ink);stroke:var(--paper);stroke-width:1.5px}
        .p95{stroke:var(--ink);stroke-width:2px}
        .s0{fill-opacity:.3}.s1{fill-opacity:.55}.s2{fill-opacity:.8}.s3{fill:var(--ink)}

        """;
}
