namespace StreamLearn.Simulated;

/// <summary><paramref name="Strength"/>: color strength, 0 to 1.</summary>
internal sealed record HeatCell(string Text, string Style, double Strength, string Title);

internal sealed record HeatMap
{
    internal const double Top = 26;                                     // pixels above the cells
    private const double Strongest = 0.5;                               // keeps the numbers readable
    public required IReadOnlyList<string> Rows { get; init; }
    public required IReadOnlyList<string> Columns { get; init; }        // a word or a number each
    public required IReadOnlyList<HeatCell> Cells { get; init; }        // [row × columns + column]
    public double RowHeight { get; init; } = 34;                        // pixels

    internal int Height => (int)Math.Ceiling(Top + (Rows.Count * RowHeight) + 2);

    private double Wide => 100.0 / Columns.Count;

    internal Fragment Draw() => Fragment.Of($"{Columns.Select(ColumnName)}{Rows.Select(RowName)}{Cells.Select(Cell)}");

    private Fragment ColumnName(string name, int column) => Fragment.Of(
        $"""<text x="{(column + 0.5) * Wide:0.##}%" y="16" text-anchor="middle">{name}</text>""");

    private Fragment RowName(string name, int row) => Fragment.Of(
        $"{Svg.Name(name, Top + ((row + 0.5) * RowHeight))}");

    private Fragment Cell(HeatCell cell, int index)
    {
        var (row, column) = Math.DivRem(index, Columns.Count);
        var (x, y) = (column * Wide, Top + (row * RowHeight));
        return Fragment.Of(
            $"""
            <rect class="cell {cell.Style}" x="{x:0.##}%" y="{y:0.#}" width="{Wide:0.##}%" height="{RowHeight:0.#}"
              fill-opacity="{Math.Clamp(cell.Strength, 0, 1) * Strongest:0.###}"><title>{cell.Title}</title></rect>
            <text class="number" x="{x + (Wide / 2):0.##}%" y="{y + (RowHeight / 2) + 4:0.#}" text-anchor="middle">{cell.Text}</text>

            """);
    }
}
