using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Quickstart;

/// <summary>A table that is drawn anew four times a second.</summary>
internal sealed class LiveView : FleetView
{
    private const int DevicesShown = 24;
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(250);
    private long _last;

    internal override Task<RunningFleet> ShowAsync(Func<Action<RunningFleet>, Task<RunningFleet>> run) =>
        AnsiConsole.Live(new Text("")).StartAsync(async live =>
        {
            var fleet = await run(fleet => Look(live, fleet)).ConfigureAwait(false);
            live.UpdateTarget(Picture(fleet));
            return fleet;
        });

    protected override void End(FleetResult result)
    {
        // The last picture stays on the screen.
    }

    private void Look(LiveDisplayContext live, RunningFleet fleet)
    {
        if (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < DrawEvery) { return; }
        _last = TimeProvider.System.GetTimestamp();
        live.UpdateTarget(Picture(fleet));
    }

    private static Rows Picture(RunningFleet fleet)
    {
        var judged = fleet.Watch.Newest;
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var head in new[] { "device", "speed", "windows", "updates", "accuracy", "waiting", "sent up", "state" })
        {
            table.AddColumn(head);
        }
        foreach (var member in fleet.Members.Take(DevicesShown)) { table.AddRow(Cells(member, fleet.Watch)); }
        if (fleet.Members.Count > DevicesShown) { table.AddRow($"… {fleet.Members.Count - DevicesShown} more"); }
        var curve = string.Concat(
            fleet.Watch.Judgments.Where((_, i) => i % Math.Max(1, fleet.Watch.Judgments.Count / 40) == 0)
                .Select(j => Bar(j.Evaluation.Accuracy)));
        var head1 = string.Create(CultureInfo.InvariantCulture,
            $"{(fleet.IsVirtual ? "virtual" : "real")} time {fleet.Elapsed().TotalSeconds:0} s   model version "
                + $"{judged?.Weights.Version ?? 0}   accuracy on unseen people {judged?.Evaluation.Accuracy ?? 0:0.000} ");
        return new Rows(new Markup($"[bold]{Markup.Escape(head1)}[/][blue]{curve}[/]"), table);
    }

    private static IRenderable[] Cells(FleetMember member, FleetWatch watch)
    {
        var metrics = member.Metrics;
        var waiting = metrics.Edges.Sum(e => e.Queued);
        var state = member.Failure() is not null ? "[red]failed[/]"
            : member.Done() ? "[green]done[/]"
            : member.Speed < 0.5 ? "[yellow]slow[/]"
            : "learning";
        string[] cells =
        [
            Markup.Escape(member.Name),
            member.Speed.ToString("0.00", CultureInfo.InvariantCulture),
            metrics["window"].ItemsOut.ToString("N0", CultureInfo.InvariantCulture),
            member.Updates.ToString("N0", CultureInfo.InvariantCulture),
            (watch.Of(member.Name)?.Accuracy ?? 0).ToString("0.000", CultureInfo.InvariantCulture),
            waiting.ToString(CultureInfo.InvariantCulture),
            $"{(member.BytesUp / 1024.0).ToString("N0", CultureInfo.InvariantCulture)} KiB",
            state,
        ];
        return [.. cells.Select(c => new Markup(c))];
    }

    private static char Bar(double share) => " ▁▂▃▄▅▆▇█"[(int)Math.Clamp(share * 8.99, 0, 8)];
}
