using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace StreamLearn.Simulated;

/// <summary>Redraws four times a second.</summary>
internal sealed class LiveView : JobView
{
    private const int DevicesShown = 24;
    private const int CurveWidth = 40;

    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(250);
    private static readonly string[] Heads = ["device", "speed", "windows", "updates", "own rows", "waiting", "refused", "sent up",
        "state"];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (RunningFleet Fleet, List<double> Curve)> _runs = new(StringComparer.Ordinal);
    private long _last;

    internal override Task<List<FinishedRun>> ShowAsync(Func<Action<RunningFleet>, Task<List<FinishedRun>>> run) =>
        AnsiConsole.Live(new Text("")).StartAsync(async live =>
        {
            var finished = await run(fleet => Look(live, fleet)).ConfigureAwait(false);
            lock (_gate)
            {
                foreach (var one in finished) { Note(one.Fleet); }
                live.UpdateTarget(Picture());
            }

            return finished;
        });

    protected override void End(FleetResult result)
    {
        // The last frame stays on screen.
    }

    protected override void Doubtful(string text) => AnsiConsole.Write(new Text(text + "\n", new Style(Color.Yellow)));

    private void Look(LiveDisplayContext live, RunningFleet fleet)
    {
        lock (_gate)
        {
            if (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < DrawEvery && _runs.ContainsKey(fleet.Mode.Name)) { return; }
            Note(fleet);
            if (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < DrawEvery) { return; }
            _last = TimeProvider.System.GetTimestamp();
            live.UpdateTarget(Picture());
        }
    }

    private void Note(RunningFleet fleet)
    {
        if (!_runs.TryGetValue(fleet.Mode.Name, out var run)) { _runs[fleet.Mode.Name] = run = (fleet, []); }
        run.Curve.Add(fleet.Watch.RecentAccuracy ?? 0);
    }

    private Rows Picture()
    {
        List<IRenderable> rows = [.. _runs.Values.Select(r => Head(r.Fleet, r.Curve))];
        var fleet = _runs.Values.First().Fleet;
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var head in Heads) { table.AddColumn(head); }
        foreach (var member in fleet.Members.Take(DevicesShown)) { table.AddRow(Cells(member, fleet.Watch)); }
        if (fleet.Members.Count > DevicesShown) { table.AddRow($"… {fleet.Members.Count - DevicesShown} more"); }
        rows.Add(table);
        return new Rows(rows);
    }

    private static Markup Head(RunningFleet fleet, List<double> curve)
    {
        var step = Math.Max(1, curve.Count / CurveWidth);
        var bars = string.Concat(curve.Where((_, i) => i % step == 0).Select(Bar));
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{fleet.Mode.Name,-11} virtual time {fleet.Elapsed().TotalSeconds,4:0} s   version "
                + $"{fleet.Watch.Newest?.Version ?? 0,4}   accuracy on own new rows {fleet.Watch.RecentAccuracy ?? 0:0.000} ");
        return new Markup($"[bold]{Markup.Escape(text)}[/][blue]{bars}[/]");
    }

    private static IRenderable[] Cells(FleetMember member, FleetWatch watch)
    {
        var state = member.State;
        var color = state switch
        {
            "learning" or "done" or "rejoined" => "green",
            "slow" => "yellow",
            _ => "red",
        };
        string[] cells =
        [
            Markup.Escape(member.Name),
            member.Speed.ToString("0.00", CultureInfo.InvariantCulture),
            member.Windows.ToString("N0", CultureInfo.InvariantCulture),
            watch.SentBy(member.Name).Updates.ToString("N0", CultureInfo.InvariantCulture),
            watch.Of(member.Name)?.Accuracy.ToString("0.000", CultureInfo.InvariantCulture) ?? "–",
            member.Backlog.ToString(CultureInfo.InvariantCulture),
            member.RowsRefused.Sum(r => r.Rows).ToString("N0", CultureInfo.InvariantCulture),
            $"{(member.BytesUp / 1024.0).ToString("N0", CultureInfo.InvariantCulture)} KiB",
            $"[{color}]{Markup.Escape(state)}[/]",
        ];
        return [.. cells.Select(c => new Markup(c))];
    }

    private static char Bar(double share) => " ▁▂▃▄▅▆▇█"[(int)Math.Clamp(share * 8.99, 0, 8)];
}
