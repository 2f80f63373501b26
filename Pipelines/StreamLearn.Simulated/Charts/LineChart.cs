using System.Globalization;
using System.Text;

namespace StreamLearn.Simulated;

/// <summary><paramref name="Style"/>: color class, as <c>c0</c>. <paramref name="IsFaint"/>: true for an unlabeled background
/// line.</summary>
internal sealed record PlotLine(string Name, string Style, IReadOnlyList<(double X, double Y)> Points, bool IsFaint = false);

internal sealed record PlotMark(double X, double Y, string Style, string Label);

internal sealed record LineChart
{
    private const double Top = 14;
    private const double Below = 44;
    private const double LabelHeight = 16;

    public required IReadOnlyList<PlotLine> Lines { get; init; }
    public IReadOnlyList<PlotMark> Marks { get; init; } = [];

    public (double Y, string Label)? Level { get; init; }

    public required Axis X { get; init; }
    public required Axis Y { get; init; }
    public required string XUnit { get; init; }
    public required Func<double, string> YLabel { get; init; }      // formats a tick of y
    public PlotSize Size { get; init; } = new(320, 44, 62);

    private double Bottom => Size.Height - Below;

    internal Fragment Draw() => Fragment.Of(
        $"""
        {Svg.YAxis(Y, YOf, YLabel)}
        {Svg.XAxis(X, Bottom, XUnit)}
        {LevelLine()}
        {Marks.Select(DropLine)}
        {Lines.Select(Path)}
        {Marks.Select(Dot)}
        {LevelLabel()}
        {EndLabels()}
        """);

    /// <summary>Returns a path in thousandths of the width and in pixels. Non-finite values make a gap; a single point is a dot.</summary>
    internal static string PathOf(IReadOnlyList<(double X, double Y)> points, Axis x, Func<double, double> y)
    {
        var path = new StringBuilder();
        var pen = 'M';
        foreach (var point in points)
        {
            if (!double.IsFinite(point.X) || !double.IsFinite(point.Y))
            {
                pen = 'M';
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{pen}{x.Share(point.X) * 1000:0.#} {y(point.Y):0.#}");
            if (pen == 'M') { path.Append("h0"); }
            pen = 'L';
        }

        return path.ToString();
    }

    /// <summary>Centered moving average.</summary>
    internal static IReadOnlyList<(double X, double Y)> Smooth(IReadOnlyList<(double X, double Y)> points, int neighbors = 4) =>
    [
        .. points.Select((p, i) =>
        {
            var reach = Math.Min(neighbors, Math.Min(i, points.Count - 1 - i));
            return (p.X, points.Skip(i - reach).Take((2 * reach) + 1).Average(q => q.Y));
        }),
    ];

    private double YOf(double value) => Bottom - (Y.Share(value) * (Bottom - Top));

    private double XOf(double value) => X.Share(value) * 100;

    private Fragment Path(PlotLine line) => Svg.Stretched(0, Size.Height, 1000, Size.Height, Fragment.Of(
        $"""<path class="line {line.Style}{(line.IsFaint ? " faint" : "")}" d="{PathOf(line.Points, X, YOf)}"/>"""));

    private Fragment LevelLine() => Level is not { } level ? Fragment.Empty : Fragment.Of(
        $"""
        <line class="level" x1="0" x2="100%" y1="{YOf(level.Y):0.#}" y2="{YOf(level.Y):0.#}"/>
        """);

    private Fragment LevelLabel() => Level is not { } level ? Fragment.Empty : Fragment.Of(
        $"""<text class="unit halo" x="100%" dx="-2" y="{YOf(level.Y) + 15:0.#}" text-anchor="end">{level.Label}</text>""");

    private Fragment DropLine(PlotMark mark, int number) => Fragment.Of(
        $"""
        <line class="drop {mark.Style}" x1="{XOf(mark.X):0.##}%" x2="{XOf(mark.X):0.##}%" y1="{YOf(mark.Y):0.#}" y2="{Bottom:0.#}"/>
        <text class="strong halo" x="{XOf(mark.X):0.##}%" dx="{(XOf(mark.X) > 55 ? -6 : 6)}" y="{Bottom - 8 - (number * LabelHeight):0.#}"
        text-anchor="{(XOf(mark.X) > 55 ? "end" : "start")}">{mark.Label}</text>
        """);

    private Fragment Dot(PlotMark mark) => Fragment.Of(
        $"""<circle class="dot {mark.Style}" cx="{XOf(mark.X):0.##}%" cy="{YOf(mark.Y):0.#}" r="4.5"/>""");

    /// <summary>Moves overlapping labels apart.</summary>
    private Fragment EndLabels()
    {
        var ends = Lines.Where(l => !l.IsFaint && l.Points.Any(p => double.IsFinite(p.Y)))
            .Select(l => (Line: l, End: l.Points.Last(p => double.IsFinite(p.Y)))).OrderBy(e => YOf(e.End.Y)).ToList();
        var labels = new List<Fragment>();
        var free = 0.0;
        foreach (var (line, end) in ends)
        {
            var y = Math.Max(YOf(end.Y), free);
            free = y + LabelHeight;
            labels.Add(Fragment.Of(
                $"""
                <circle class="end {line.Style}" cx="{XOf(end.X):0.##}%" cy="{YOf(end.Y):0.#}" r="3"/>
                <text class="strong halo" x="{XOf(end.X):0.##}%" dx="8" y="{y + 4:0.#}">{line.Name}</text>
                """));
        }

        return Fragment.Of($"{labels}");
    }
}
