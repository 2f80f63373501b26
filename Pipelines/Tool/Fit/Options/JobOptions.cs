using StreamLearn.Tables;

namespace Tool;

/// <summary>What <c>fit</c> learns, from which rows, and who judges it.</summary>
internal sealed record JobOptions : FleetOptions
{
    public RowsChosen From { get; init; } = new();
    public string? Unseen { get; init; }        // devices that judge, with commas between; null: a fifth of them
    public ModelKind? ModelAsked { get; init; }
    public bool Alone { get; init; }
    public double? Bound { get; init; }         // share of the answers whose set holds the right class; null: none
    public int Seeds { get; init; } = 1;        // from Seed on
    public DirectoryInfo? Checkpoint { get; init; }         // where the job is saved, and from where it goes on; null: nowhere

    /// <summary>A value is learned on one machine unless a fleet mode is named.</summary>
    internal bool IsAlone => Alone || (Columns.Target is not null && Mode is null);

    internal override string Title => "StreamLearn fit";

    internal override string HostName => Alone ? "alone" : base.HostName;

    internal override string DefaultScenario => Rows is null ? base.DefaultScenario : "straggler.json";

    internal override string? AnswerCommand(string model) => Rows is null ? null
        : $"streamlearn answer {model} {RowsOption} '{Rows}'"
            + (From.Device is null or "none" ? "" : $" --device {OwnColumns.Quoted(From.Device)}")
            + (Columns.TimeFormat is { } format ? $" --time-format {OwnColumns.Quoted(format)}" : "")
            + string.Concat(Columns.Form.Options.Select(static o => $" {o}"))
            + (From.Arrow is null ? "" : " --out answers.arrow");

    internal string? Rows => From.Csv ?? From.Arrow;

    internal LookOptions Columns => From.Columns;

    internal WindowLength? Window => From.Window;

    internal LookOptions Look => From.Look;

    internal string RowsOption => Look.RowsOption;

    /// <summary>For one machine, or the rows of a fleet.</summary>
    internal TableFitOptions Fit => new()
    {
        Model = Model,
        Unseen = Unseen is { } asked ? [asked] : [],
        WindowSeconds = Window?.Seconds,
        EachRow = Window is { Seconds: null },
        Bound = Bound,
        MaxDevices = Devices,
        Seed = Seed,
    };

    internal ModelKind Model => ModelAsked ?? (Rows is null ? ModelKind.Conv : ModelKind.Auto);
}
