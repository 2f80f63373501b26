using StreamLearn.Tables;

namespace Tool;

/// <summary>Which rows, and what their columns are.</summary>
internal sealed record RowsChosen
{
    public string? Csv { get; init; }
    public string? Arrow { get; init; }
    public string? Label { get; init; }         // null: only a look is taken at the files
    public string? Device { get; init; }        // a column, file or none; null: it is found
    public double? Rate { get; init; }          // rows a second; null: the times say it
    public WindowLength? Window { get; init; }  // null: 2.56 s, or what the data allow
    public LookOptions Columns { get; init; } = new();      // what else is known of the columns

    internal LookOptions Look => Columns with
    {
        Csv = Csv,
        Arrow = Arrow,
        Label = Label,
        Device = Device,
        Rate = Rate,
        EachRow = Window is { Seconds: null },
    };
}
