using StreamLearn.Simulated;
using System.Collections.Immutable;
using System.Globalization;

namespace TauDemo;

/// <summary>Accuracy over the bytes that devices have sent, as a table for people and as a page.</summary>
internal static class MotionPage
{
    private static readonly string[] Heads =
    [
        "<fleet", "accuracy", "points below the first", "MB up", "of the first", "MB down", "versions", "updates", "refused", "steps", "s",
    ];

    /// <summary>A line of the table for each fleet, under its heads.</summary>
    internal static IEnumerable<string> Lines(ImmutableArray<MotionResult> results)
    {
        yield return "fleet          accuracy   below   MB up   share   MB down   versions   updates   refused   steps      s   mean tau";
        foreach (var r in results)
        {
            var (below, share) = (Below(r, results[0]), Share(r, results[0]));
            yield return string.Create(CultureInfo.InvariantCulture, $"{r.Name,-14}    {r.Accuracy:F4}  {below,6:F1}")
                + string.Create(CultureInfo.InvariantCulture, $"  {r.BytesUp / 1e6,6:F2}  {share,5:F1}%  {r.BytesDown / 1e6,8:F1}")
                + string.Create(CultureInfo.InvariantCulture, $"  {r.Versions,9}  {r.Updates,8}  {r.Refused,8}  {r.Steps,6}")
                + string.Create(CultureInfo.InvariantCulture, $"  {r.Seconds,5:F0}")
                + (r.Tau.IsEmpty ? "          -" : string.Create(CultureInfo.InvariantCulture, $"  {r.Tau.Average(),9:F1}"));
        }
    }

    /// <summary>The page. It needs no network and no script.</summary>
    internal static string Of(MotionPeople people, ImmutableArray<MotionResult> results)
    {
        var chart = Chart(results);
        var title = $"{people.Learners.Length} devices, {people.Text}: accuracy over bytes sent up";
        var said = string.Join(" ", results.Select(r => string.Create(
            CultureInfo.InvariantCulture, $"{Figures.Sentence(r.Name)}: {Figures.Percent(r.Accuracy)} after {r.BytesUp / 1e6:F1} MB.")));
        return Fragment.Of(
            $"""
            {PageHead.Of(title)}
            <body>
            <main>
            <h1>{title}</h1>
            <p>{said}</p>
            {Svg.Plot("bytes-plot", title, said, chart.Size, chart.Draw())}
            {Tables.Table("In the end", Heads, results.Select(r => Cells(r, results[0])))}
            {Tables.Details("All models judged", ["<fleet", "MB up", "s", "accuracy"], results.SelectMany(Points))}
            </main>
            </body>
            </html>

            """).Markup;
    }

    private static LineChart Chart(ImmutableArray<MotionResult> results) => new()
    {
        Lines = [.. results.Select(static (r, i) => new PlotLine(r.Name, string.Create(CultureInfo.InvariantCulture, $"c{i}"),
            [.. r.Points.Select(static p => (p.BytesUp / 1e6, p.Accuracy))]))],
        X = Axis.Exact(0, results.Max(static r => r.BytesUp) / 1e6),
        Y = Axis.Rounded(results.Min(static r => r.Points.Min(static p => p.Accuracy)), 1),
        XUnit = "MB sent up by all devices",
        YLabel = static y => Figures.RoundPercent(Math.Round(y, 6)),
        Size = new(420, 44, 110),
    };

    private static double Below(MotionResult result, MotionResult first) => 100 * (first.Accuracy - result.Accuracy);

    private static double Share(MotionResult result, MotionResult first) => 100.0 * result.BytesUp / first.BytesUp;

    private static IReadOnlyList<Fragment> Cells(MotionResult r, MotionResult first) => Tables.Cells(
        r.Name, Figures.Number(r.Accuracy, "0.0000"), Figures.Number(Below(r, first), "0.0"), Figures.Number(r.BytesUp / 1e6, "0.00"),
        Figures.Percent(Share(r, first) / 100), Figures.Number(r.BytesDown / 1e6, "0.0"), Figures.Count(r.Versions),
        Figures.Count(r.Updates), Figures.Count(r.Refused), Figures.Count(r.Steps), Figures.Number(r.Seconds, "0"));

    private static IEnumerable<IReadOnlyList<Fragment>> Points(MotionResult result) => result.Points.Select(p => Tables.Cells(
        result.Name, Figures.Number(p.BytesUp / 1e6, "0.00"), Figures.Number(p.Seconds, "0"), Figures.Number(p.Accuracy, "0.0000")));
}
