namespace StreamLearn.Simulated;

/// <summary><paramref name="Length"/>: in axis units. <paramref name="Title"/>: the tooltip.</summary>
internal sealed record BarPiece(double Length, string Style, string Title);

internal sealed record Bar(IReadOnlyList<BarPiece> Pieces, string Label);

internal sealed record BarRow(string Name, IReadOnlyList<Bar> Bars);

internal sealed record BarChart
{
    private const double BarHeight = 9;
    private const double BarGap = 3;
    private const double RowGap = 9;

    public required IReadOnlyList<BarRow> Rows { get; init; }

    /// <summary>Starts at zero.</summary>
    public required Axis X { get; init; }

    internal int Height => (int)Math.Ceiling(Rows.Sum(HeightOf));

    /// <summary>Draws the plot without ticks, for labeled bars.</summary>
    internal Fragment Plot(string id, string title, string description, int left, int right) =>
        Svg.Plot(id, title, description, new(Height, left, right), Draw());

    internal Fragment Draw()
    {
        var parts = new List<Fragment>();
        double y = 0;
        foreach (var row in Rows)
        {
            parts.Add(DrawRow(row, y));
            y += HeightOf(row);
        }

        return Fragment.Of($"""{parts}<line class="axis" x1="0" x2="0" y1="0" y2="{y:0.#}"/>""");
    }

    private static double HeightOf(BarRow row) => (row.Bars.Count * (BarHeight + BarGap)) + RowGap;

    private Fragment DrawRow(BarRow row, double top)
    {
        var name = Svg.Name(row.Name, top + (HeightOf(row) / 2));
        return Fragment.Of($"{name}{row.Bars.Select((b, i) => DrawBar(b, top + (RowGap / 2) + (i * (BarHeight + BarGap))))}");
    }

    private Fragment DrawBar(Bar bar, double top)
    {
        var parts = new List<Fragment>();
        double total = 0;
        foreach (var piece in bar.Pieces)
        {
            var from = XOf(total);
            total += double.IsFinite(piece.Length) ? piece.Length : 0;
            parts.Add(Fragment.Of(
                $"""
                <rect class="{piece.Style}" x="{from:0.##}%" y="{top + 1:0.#}" width="{XOf(total) - from:0.##}%" height="{BarHeight}">
                <title>{piece.Title}</title></rect>
                """));
        }

        return Fragment.Of($"""{parts}<text class="value" x="{XOf(total):0.##}%" dx="5" y="{top + 9.5:0.#}">{bar.Label}</text>""");
    }

    private double XOf(double value) => X.Share(value) * 100;
}
