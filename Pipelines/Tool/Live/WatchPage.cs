using StreamLearn.Tables;

namespace Tool;

/// <summary>The page about a watch: scores over time, and the episodes with the column that stands out.</summary>
internal sealed class WatchPage(bool hasTime)
{
    private const int MaxCharts = 24;
    private const int MaxMarks = 5;         // in a chart
    private const int MaxEpisodes = 200;    // in the table
    private const double MaxTimes = 10;     // of the threshold, that a chart shows

    private static readonly string[] Heads = ["<device", "<from", "<to", "alerts", "highest score", "<column that stands out"];

    private readonly Dictionary<string, ScoreCurve> _curves = new(StringComparer.Ordinal);

    internal void Add(RowScore score)
    {
        if (!_curves.TryGetValue(score.Device, out var curve)) { _curves[score.Device] = curve = new(); }
        curve.Add(score);
    }

    internal string Draw(TableWatch watch, FileWatch from, string rows)
    {
        var title = Sentence(watch);
        var devices = from.Thresholds.Where(d => _curves.ContainsKey(d.Device))
            .OrderByDescending(d => watch.Alerts.Count(a => IsOf(a, d.Device))).ToList();
        var sections = new[]
        {
            new Section("scores", "Scores over time",
                ["A row is an alert above the dotted line; alerts close to each other are an episode, marked with its column."],
                "Each point is the highest score of its rows. Scores above ten times the threshold are drawn there; the table has them."
                    + (devices.Count > MaxCharts ? $" Shown are the {MaxCharts} devices with the most episodes, of {devices.Count}." : ""),
                Fragment.Of($"{devices.Take(MaxCharts).Select(d => Plot(d.Device, d.Threshold, watch))}")),
            Episodes(watch),
            new("notes", "What was read and learned", [], "", Fragment.Of(
                $"<ul class=\"notes\">{watch.Notes.Where(static n => !n.StartsWith("  ", StringComparison.Ordinal)).Select(static n =>
                    Fragment.Of($"<li>{n.TrimEnd(':')}</li>\n"))}</ul>\n")),
        };
        return Page.Of(title, Fragment.Of(
            $"""
            <header class="top">
            <p class="kicker">StreamLearn<span> · watch</span></p>
            <h1>{title}</h1>
            <p class="facts">{rows}</p></header>
            <main>
            {sections.OfType<Section>().Select(static s => s.Draw())}</main>
            """));
    }

    private static string Sentence(TableWatch watch)
    {
        var rows = $"{Figures.Count(watch.Rows, "scored row")}";
        if (watch.Alerts.IsEmpty) { return $"Nothing unusual: no episode in {rows}."; }
        var top = watch.Alerts.MaxBy(static a => a.Score)!;
        return $"{Figures.Count(watch.Alerts.Length, "episode")} of unusual rows in {rows}. The strongest"
            + $"{(top.Device is { Length: > 0 } device ? $", of {device}," : "")} begins at {From(top)}"
            + (top.Channel is { } channel ? $"; {channel} stands out." : ".");
    }

    private static bool IsOf(TableAlert alert, string device) => (alert.Device ?? "") == device;

    private static string From(TableAlert alert) =>
        alert.Since is { } since ? Text(since) : $"row {Figures.Count(alert.Row ?? 0)}";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(
        time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss 'UTC'" : "yyyy-MM-dd HH:mm:ss.fff 'UTC'",
        CultureInfo.InvariantCulture);

    private static Section? Episodes(TableWatch watch)
    {
        if (watch.Alerts.IsEmpty) { return null; }
        var channels = watch.Alerts.Where(static a => a.Channel is not null).CountBy(static a => a.Channel!)
            .OrderByDescending(static c => c.Value).Take(3).Select(static c => $"{c.Key} in {c.Value:N0}");
        return new("episodes", "Episodes", [$"The column that stands out most: {string.Join(", ", channels)}."],
            watch.Alerts.Length > MaxEpisodes ? $"The {MaxEpisodes} with the highest scores, of {watch.Alerts.Length:N0}." : "",
            Tables.Table("Episodes, highest score first", Heads, watch.Alerts.OrderByDescending(static a => a.Score).Take(MaxEpisodes)
                .Select(static a => Tables.Cells(a.Device ?? "", From(a), a.Until is { } until ? Text(until) : "",
                    Figures.Count(a.Rows), Figures.Number(a.Score, "G6"), a.Channel ?? "–"))));
    }

    private Fragment Plot(string device, double threshold, TableWatch watch)
    {
        var curve = _curves[device];
        var isTime = hasTime && curve.IsRising;
        var (first, last) = (curve.Points[0].Time, curve.Points[^1].Time);
        var (unit, name, span) = !isTime ? ("", "row", 1.0) : ((last - first) / 1e9) switch
        {
            < 600 => ("s", "seconds", 1e9),
            < 36_000 => ("min", "minutes", 60e9),
            < 864_000 => ("h", "hours", 3600e9),
            _ => ("d", "days", 86_400e9),
        };
        var start = DateTimeOffset.UnixEpoch.AddTicks(first / TimeSpan.NanosecondsPerTick);
        var most = MaxTimes * Math.Max(threshold, 1e-9);
        double X(long time, long point) => isTime ? (time - first) / span : 1 + (point * curve.RowsOfPoint);
        var points = curve.Points.Index().Select(p => (X: X(p.Item.Time, p.Index), Y: Math.Min(p.Item.Score, most), p.Item.HasAlert))
            .ToList();
        var episodes = watch.Alerts.Where(a => IsOf(a, device)).ToList();
        var chart = new Chart($"Scores{(device.Length == 0 ? "" : $" of {device}")}, {Figures.Count(episodes.Count, "episode")}")
        {
            Curves =
            [
                new("score", "c0", points.Select(static p => (double[])[p.X, p.Y])),
                new("alert", "c1", points.Select(static p => (double[])[p.X, p.HasAlert ? p.Y : double.NaN])),
            ],
            Marks = episodes.OrderByDescending(static a => a.Score).Take(MaxMarks).Select(a => new Mark(
                a.Since is { } since && isTime ? (since - start).Ticks * TimeSpan.NanosecondsPerTick / span : a.Row ?? 1,
                Math.Min(a.Score, most), "c1", a.Channel ?? "episode")),
            Level = threshold,
            LevelText = $"alert above {Figures.Number(threshold, "G4")}",
            Low = 0,
            High = Math.Max(threshold * 1.2, points.Max(static p => p.Y) * 1.05),
            XUnit = isTime ? $"{name} since {Text(start)}" : name,
            XShort = unit,
            XName = isTime ? "after" : name,
            Height = 260,
        };
        return Section.Figure(device, chart.Draw(), Fragment.Empty);
    }
}
